import { Keyboard } from "lucide";
import { useEffect, useRef } from "preact/hooks";
import { type Key, t } from "../../../i18n";
import { TOOLS } from "../../../labeling/gestures";
import { Icon } from "../../controls/icon";
import { areHotkeysOn, isWanted, switchHotkeys } from "../../shell/hotkeys";

type Row = [keys: string, description: Key];

const EVERYWHERE: Row[] = [
  ["1 … 9 0", "labeling.key.class"],
  ["⏎", "labeling.key.enter"],
  ["N", "labeling.key.next"],
  [", .", "labeling.key.order"],
  ["S", "labeling.key.suggest"],
  ["C", "labeling.key.classes"],
  ["Ctrl + Z", "labeling.key.undo"],
  ["Ctrl + ⇳", "labeling.key.wheel"],
];

const OBJECTS: Row[] = [
  ["⇧ + ⏎", "labeling.key.acceptAll"],
  ["V", "labeling.tool.select"],
  ["⇥", "labeling.key.tab"],
  ["← ↑ → ↓", "labeling.key.move"],
  ["⇧ + ← ↑ → ↓", "labeling.key.resize"],
  ["Ctrl + ← ↑ → ↓", "labeling.key.fine"],
  ["Del", "labeling.key.delete"],
  ["H", "labeling.key.hide"],
  ["X", "labeling.key.empty"],
  ["Esc", "labeling.key.escape"],
];

const BOXES: Row[] = [["B", "labeling.key.box"]];

const MASKS: Row[] = [
  ["P", "labeling.key.polygon"],
  ["D", "labeling.key.brush"],
  ["E", "labeling.key.eraser"],
  ["[ ]", "labeling.key.size"],
];

/** The keys of this page, on a sheet that `?` opens. */
export function KeySheet({ kind }: { kind: string }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const own = kind === "boxes" ? BOXES : MASKS;
  const rows = kind in TOOLS ? [...own, ...EVERYWHERE, ...OBJECTS] : EVERYWHERE;
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key !== "?" || !areHotkeysOn.value || isWanted(event.target, event.key)) return;
      event.preventDefault(); // the sheet of the other pages stays closed
      dialog.current?.showModal();
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, []);
  return (
    <>
      <button
        type="button"
        class="tool"
        aria-label={t("labeling.keys")}
        title={`${t("labeling.keys")} (?)`}
        onClick={() => dialog.current?.showModal()}
      >
        <Icon of={Keyboard} />
      </button>
      <dialog ref={dialog} class="sheet" aria-labelledby="label-keys-title">
        <h2 id="label-keys-title">{t("labeling.keys")}</h2>
        <table>
          <tbody>
            {rows.map(([keys, description]) => (
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
