import { useRef } from "preact/hooks";
import { type Key, t } from "../../i18n";
import { areHotkeysOn, switchHotkeys, useHotkeys } from "./hotkeys";

const KEYS: [string, Key][] = [
  ["?", "keys.sheet"],
  ["1 … 4", "keys.layers"],
  ["[ ]", "keys.stage"],
  ["← →", "keys.stageArrows"],
  ["+ − 0", "keys.zoom"],
  ["B", "keys.flip"],
  ["␣", "keys.play"],
  ["← → Home End", "keys.points"],
  ["← ↑ → ↓", "keys.arrows"],
  ["Ctrl + ⇳", "keys.wheel"],
];

/** All keyboard shortcuts, and the switch that turns single keys off. */
export function HotkeySheet() {
  const dialog = useRef<HTMLDialogElement>(null);
  useHotkeys({ "?": () => dialog.current?.showModal() });
  return (
    <>
      <button type="button" class="button is-quiet is-small" onClick={() => dialog.current?.showModal()}>
        {t("keys.open")} <kbd>?</kbd>
      </button>
      <dialog ref={dialog} class="sheet" aria-labelledby="keys-title">
        <h2 id="keys-title">{t("keys.title")}</h2>
        <table>
          <tbody>
            {KEYS.map(([keys, description]) => (
              <tr key={keys}>
                <th scope="row">
                  <kbd>{keys}</kbd>
                </th>
                <td>{t(description)}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <label class="inline">
          <input
            type="checkbox"
            checked={areHotkeysOn.value}
            onChange={(event) => switchHotkeys(event.currentTarget.checked)}
          />
          {t("keys.on")}
        </label>
        <form method="dialog">
          <button type="submit" class="button is-primary">
            {t("keys.close")}
          </button>
        </form>
      </dialog>
    </>
  );
}
