import { api } from "../api/client";
import type { Job } from "../api/types";
import { formatAgo, t } from "../i18n";

/** One past result as a small picture and words. */
export function JobThumb({ job }: { job: Job }) {
  const found = (job.result as { objects?: { label: string }[] } | null)?.objects;
  const labels = [...new Set(found?.map(({ label }) => label))];
  const words = found ? t("objects.title", { n: found.length }) : job.capability;
  return (
    <a class="thumb" href={`/r/${job.id}`}>
      {job.upload_id && found && <img src={api.uploadContentUrl(job.upload_id)} alt="" loading="lazy" />}
      <span>
        <strong>{words}</strong>
        {labels.length > 0 && <span lang="en">{labels.slice(0, 3).join(", ")}</span>}
        <small>{formatAgo(job.created_at)}</small>
      </span>
    </a>
  );
}
