import { Pencil } from "lucide";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { ApiError } from "../../api/client";
import { t } from "../../i18n";
import { Icon } from "../controls/icon";
import { errorText } from "../shell/problem-texts";

interface DescriptionProps {
  value: string;
  /** Throws ApiError: the text was not saved. */
  onSave: (text: string) => Promise<unknown>;
}

/** A description and the way to change it in place; Escape leaves it as it was. */
export function Description({ value, onSave }: DescriptionProps) {
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    if (isOpen) field.current?.focus();
  }, [isOpen]);
  if (!isOpen)
    return (
      <div class="description">
        {value && <p class="lead">{value}</p>}
        <button type="button" class="button is-small is-quiet" onClick={() => setOpen(true)}>
          <Icon of={Pencil} size={16} />
          {t(value ? "dataset.editDescription" : "dataset.addDescription")}
        </button>
      </div>
    );
  const save = async (event: Event) => {
    event.preventDefault();
    try {
      setProblem(null);
      await onSave(field.current?.value.trim() ?? "");
      setOpen(false);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setProblem(errorText(error));
    }
  };
  return (
    <form
      class="description"
      onSubmit={save}
      onKeyDown={(event) => {
        if (event.key === "Escape") setOpen(false);
      }}
    >
      <label class="visually-hidden" for={id}>
        {t("dataset.description")}
      </label>
      <textarea ref={field} id={id} rows={3} maxLength={4000} defaultValue={value} />
      {problem && (
        <p class="error" role="alert">
          {problem}
        </p>
      )}
      <div class="actions">
        <button type="submit" class="button is-small is-primary">
          {t("rename.save")}
        </button>
        <button type="button" class="button is-small is-quiet" onClick={() => setOpen(false)}>
          {t("action.cancel")}
        </button>
      </div>
    </form>
  );
}
