import type { RefObject } from "preact";
import { useId } from "preact/hooks";
import { type Key, t } from "../../i18n";
import { areHotkeysOn, switchHotkeys } from "./hotkeys";

export type KeyRow = [keys: string, description: Key];

interface KeyDialogProps {
  dialog: RefObject<HTMLDialogElement | null>;
  title: string;
  rows: KeyRow[];
}

/** A sheet of keyboard shortcuts, with the switch that turns single keys off. */
export function KeyDialog({ dialog, title, rows }: KeyDialogProps) {
  const id = useId();
  return (
    <dialog ref={dialog} class="sheet" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
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
  );
}
