import { useState } from "preact/hooks";
import { t } from "../../i18n";
import "./topic";

const LETTERS = ["a", "b", "c", "d", "e", "f"] as const;
export const MAX_COMPARED = LETTERS.length;

/** The page that compares these: ids of jobs, or `model:NAME@VERSION`. */
export const compareAddress = (keys: string[]): string =>
  `/compare?${keys
    .slice(0, MAX_COMPARED)
    .map(
      (key, index) => `${LETTERS[index]}=${encodeURIComponent(key).replace("%3A", ":").replace("%40", "@")}`,
    )
    .join("&")}`;

/** What such an address names, in its order. */
export const comparedIn = (query: Record<string, string>): string[] => [
  ...new Set(LETTERS.flatMap((letter) => query[letter] || [])),
];

export const keyOfModel = ({ name, version }: { name: string; version: number }): string =>
  `model:${name}@${version}`;

export interface Selection {
  keys: string[];
  toggle: (key: string) => void;
  clear: () => void;
}

export function useSelection(): Selection {
  const [keys, setKeys] = useState<string[]>([]);
  return {
    keys,
    toggle: (key) =>
      setKeys((chosen) =>
        chosen.includes(key) ? chosen.filter((one) => one !== key) : [...chosen, key].slice(0, MAX_COMPARED),
      ),
    clear: () => setKeys([]),
  };
}

export function SelectBox({ of, name, selection }: { of: string; name: string; selection: Selection }) {
  const isChosen = selection.keys.includes(of);
  return (
    <label class="run-select" title={t("runs.select", { name })}>
      <input
        type="checkbox"
        checked={isChosen}
        disabled={!isChosen && selection.keys.length === MAX_COMPARED}
        aria-label={t("runs.select", { name })}
        onChange={() => selection.toggle(of)}
      />
    </label>
  );
}

/** Appears with the first selected row, in sight while the list scrolls. */
export function CompareBar({ selection: { keys, clear } }: { selection: Selection }) {
  if (keys.length === 0) return null;
  return (
    <div class="run-bar card" role="region" aria-label={t("action.compare")}>
      <p role="status">
        {t("runs.selected", { n: keys.length })}
        {keys.length < 2 && <span class="hint"> {t("runs.selectMore")}</span>}
      </p>
      <div class="actions">
        <button type="button" class="button is-quiet" onClick={clear}>
          {t("runs.clear")}
        </button>
        {keys.length > 1 && (
          <a class="button is-primary" href={compareAddress(keys)}>
            {t("action.compare")}
          </a>
        )}
      </div>
    </div>
  );
}
