import { useId } from "preact/hooks";
import type { Job } from "../../api/types";
import { inReadersLanguage, t } from "../../i18n";

/** What to know before an answer is believed; nothing where there are no notes. */
export function Notes({ of: notes = [] }: { of: string[] | undefined }) {
  const id = useId();
  if (notes.length === 0) return null;
  return (
    <div class="notes" role="group" aria-labelledby={id}>
      <strong id={id}>{t("notes.title")}</strong>
      <ul class="plain-list">
        {notes.map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
    </div>
  );
}

/** The notes of a job's result; those of a table's answer are in its stage as well. */
export function notesOf(job: Job): string[] {
  const { notes } = (inReadersLanguage(job.result) ?? {}) as { notes?: unknown };
  return Array.isArray(notes) ? notes : [];
}
