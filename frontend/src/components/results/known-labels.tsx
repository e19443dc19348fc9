import type { Job } from "../../api/types";
import { t } from "../../i18n";

/** The classes that the model knows: it has no other names for what it sees. */
export function KnownLabels({ job }: { job: Job }) {
  const { labels } = (job.result ?? {}) as { labels?: unknown };
  if (!Array.isArray(labels) || labels.length === 0) return null;
  return (
    <details class="bench-below">
      <summary>{t("answer.labels", { n: labels.length, model: job.model?.name ?? "" })}</summary>
      <p lang="en">{labels.join(", ")}</p>
    </details>
  );
}
