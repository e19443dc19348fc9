import { useRef } from "preact/hooks";
import { t } from "../../i18n";
import { useHotkeys } from "./hotkeys";
import { KeyDialog, type KeyRow } from "./key-dialog";

const KEYS: KeyRow[] = [
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

/** All keyboard shortcuts of the pages, on a sheet that `?` opens. */
export function HotkeySheet() {
  const dialog = useRef<HTMLDialogElement>(null);
  useHotkeys({ "?": () => dialog.current?.showModal() });
  return (
    <>
      <button type="button" class="button is-quiet is-small" onClick={() => dialog.current?.showModal()}>
        {t("keys.open")} <kbd>?</kbd>
      </button>
      <KeyDialog dialog={dialog} title={t("keys.title")} rows={KEYS} />
    </>
  );
}
