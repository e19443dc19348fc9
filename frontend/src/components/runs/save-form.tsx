import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { ApiError } from "../../api/client";
import { t } from "../../i18n";
import { errorText } from "../shell/problem-texts";
import "./topic";

interface SaveFormProps {
  /** Throws ApiError: nothing was saved. */
  onSave: () => Promise<unknown>;
  onClose: () => void;
  children: ComponentChildren;
}

/** Fields that are saved in their place, or left as they were; it stays open with the reason if that fails. */
export function SaveForm({ onSave, onClose, children }: SaveFormProps) {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const save = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    try {
      await onSave();
      onClose();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setProblem(errorText(error));
      setBusy(false);
    }
  };
  return (
    <form class="run-form" onSubmit={save}>
      {children}
      {problem && (
        <p class="error" role="alert">
          {problem}
        </p>
      )}
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
