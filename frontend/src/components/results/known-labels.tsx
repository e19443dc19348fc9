import type { Job } from "../../api/types";
import { t } from "../../i18n";
import { familiarityOf, labelsOf } from "./familiarity";

/** The classes that the model knows: it has no other names for what it sees. */
export function KnownLabels({ job }: { job: Job }) {
  const labels = labelsOf(job);
  if (labels.length === 0 || familiarityOf(job)?.is_unlike) return null; // the banner has them
  return (
    <details>
      <summary>{t("answer.labels", { n: labels.length, model: job.model?.name ?? "" })}</summary>
      <p lang="en">{labels.join(", ")}</p>
    </details>
  );
}
