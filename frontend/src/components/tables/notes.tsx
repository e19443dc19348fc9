import { useId } from "preact/hooks";
import { t } from "../../i18n";

/** What to know before an answer is believed; nothing where there are no notes. */
export function Notes({ of: notes = [] }: { of: string[] | undefined }) {
  const id = useId();
  if (notes.length === 0) return null;
  return (
    <section class="report-problems" aria-labelledby={id}>
      <h3 id={id}>{t("notes.title")}</h3>
      <ul class="plain-list">
        {notes.map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
    </section>
  );
}
