import { Pencil } from "lucide";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { t } from "../../i18n";
import { onSubmit, useAction } from "../controls/action";
import { Icon } from "../controls/icon";
import { Problem } from "../controls/problem";

interface DescriptionProps {
  value: string;
  /** Throws ApiError: the text was not saved. */
  onSave: (text: string) => Promise<unknown>;
}

/** A description and the way to change it in place; Escape leaves it as it was. */
export function Description({ value, onSave }: DescriptionProps) {
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  const { isBusy, problem, run } = useAction();
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
  const save = onSubmit(async () => {
    if (await run(() => onSave(field.current?.value.trim() ?? ""))) setOpen(false);
  });
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
      <Problem text={problem} />
      <div class="actions">
        <button type="submit" class="button is-small is-primary" disabled={isBusy}>
          {t("rename.save")}
        </button>
        <button type="button" class="button is-small is-quiet" onClick={() => setOpen(false)}>
          {t("action.cancel")}
        </button>
      </div>
    </form>
  );
}
