import { FilePlus2 } from "lucide";
import { useId, useState } from "preact/hooks";
import { audits } from "../../api/audits";
import { useResource } from "../../api/resource";
import type { Job } from "../../api/types";
import { formatTime, t } from "../../i18n";
import { Icon } from "../controls/icon";
import { SaveForm } from "../runs/save-form";

/** Writes the audit into the card of its model, with who answers for it. */
export function AddToCard({ job, model }: { job: Job; model: string }) {
  const id = useId();
  const known = useResource(`${model} ${job.id}`, (signal) => audits.ofModel(model, signal));
  const [isOpen, setOpen] = useState(false);
  const [author, setAuthor] = useState("");
  const [use, setUse] = useState("");
  const section = known.data?.items.find(({ job_id }) => job_id === job.id);
  if (!known.data) return null;
  if (section)
    return (
      <p role="status">
        {t("audits.inCard", { date: formatTime(section.created_at) })}{" "}
        <a href={`/models/${encodeURIComponent(model)}`}>{t("audits.toCard")}</a>
      </p>
    );
  if (!isOpen)
    return (
      <button type="button" class="button" onClick={() => setOpen(true)}>
        <Icon of={FilePlus2} size={16} />
        {t("audits.addToCard")}
      </button>
    );
  const save = async () => {
    await audits.addToCard(model, { job_id: job.id, author, intended_use: use });
    known.reload();
  };
  return (
    <SaveForm onSave={save} onClose={() => setOpen(false)}>
      <div class="field">
        <label for={`${id}-author`}>{t("audits.author")}</label>
        <input
          id={`${id}-author`}
          type="text"
          maxLength={200}
          autocomplete="name"
          value={author}
          onInput={(event) => setAuthor(event.currentTarget.value)}
        />
      </div>
      <div class="field">
        <label for={`${id}-use`}>{t("audits.intendedUse")}</label>
        <textarea
          id={`${id}-use`}
          rows={3}
          maxLength={2000}
          aria-describedby={`${id}-hint`}
          value={use}
          onInput={(event) => setUse(event.currentTarget.value)}
        />
        <p class="hint" id={`${id}-hint`}>
          {t("audits.intendedUseHint")}
        </p>
      </div>
    </SaveForm>
  );
}
