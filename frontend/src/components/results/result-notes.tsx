import type { Job } from "../../api/types";
import { inReadersLanguage } from "../../i18n";

/** What a picture's answer must be read with, such as how much the picture was shrunk. */
export function ResultNotes({ job }: { job: Job }) {
  const result = inReadersLanguage(job.result) as { notes?: unknown; image?: unknown } | null;
  if (!result?.image || !Array.isArray(result.notes) || result.notes.length === 0) return null;
  return (
    <ul class="bench-below hint">
      {result.notes.map((note) => (
        <li key={note}>{note}</li>
      ))}
    </ul>
  );
}
