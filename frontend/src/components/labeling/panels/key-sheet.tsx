import { Keyboard } from "lucide";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../../../i18n";
import { TOOLS } from "../../../labeling/gestures";
import { Icon } from "../../controls/icon";
import { areHotkeysOn, isWanted } from "../../shell/hotkeys";
import { KeyDialog, type KeyRow } from "../../shell/key-dialog";

const EVERYWHERE: KeyRow[] = [
  ["1 … 9 0", "labeling.key.class"],
  ["⏎", "labeling.key.enter"],
  ["N", "labeling.key.next"],
  [", .", "labeling.key.order"],
  ["S", "labeling.key.suggest"],
  ["C", "labeling.key.classes"],
  ["Ctrl + Z", "labeling.key.undo"],
  ["Ctrl + ⇳", "labeling.key.wheel"],
];

const OBJECTS: KeyRow[] = [
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

const BOXES: KeyRow[] = [["B", "labeling.key.box"]];

const MASKS: KeyRow[] = [
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
      <KeyDialog dialog={dialog} title={t("labeling.keys")} rows={rows} />
    </>
  );
}
