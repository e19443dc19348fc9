import type { ComponentChildren } from "preact";
import { t } from "../../i18n";
import { onSubmit, useAction } from "../controls/action";
import { Problem } from "../controls/problem";
import "./topic";

interface SaveFormProps {
  /** Throws ApiError: nothing was saved. */
  onSave: () => Promise<unknown>;
  onClose: () => void;
  children: ComponentChildren;
}

/** Fields that are saved in their place, or left as they were; it stays open with the reason if that fails. */
export function SaveForm({ onSave, onClose, children }: SaveFormProps) {
  const { isBusy, problem, run } = useAction();
  const save = onSubmit(async () => {
    if (await run(onSave)) onClose();
  });
  return (
    <form class="run-form" onSubmit={save}>
      {children}
      <Problem text={problem} />
      <div class="actions">
        <button type="submit" class="button is-primary" disabled={isBusy}>
          {t("runs.save")}
        </button>
        <button type="button" class="button" disabled={isBusy} onClick={onClose}>
          {t("action.cancel")}
        </button>
      </div>
    </form>
  );
}
