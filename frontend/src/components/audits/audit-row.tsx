import { useCapability } from "../../api/catalog";
import type { Job } from "../../api/types";
import { formatAgo, label } from "../../i18n";
import { progressText } from "../jobs/job-progress";
import { StatusBadge } from "../jobs/status-badge";

/** One audit of a list: the model or capability, its data, and its state. */
export function AuditRow({ job }: { job: Job }) {
  const capability = useCapability(job.capability);
  const title = label(`${job.capability}.title`, capability?.title ?? job.capability).text;
  const details = [
    title,
    job.model && `${job.model.name}@${job.model.version}`,
    formatAgo(job.created_at),
    job.status === "running" && progressText(job),
  ];
  return (
    <a class="row-link" href={`/r/${job.id}`}>
      <span>
        <strong>{job.name || title}</strong>
        <small>{details.filter(Boolean).join(" · ")}</small>
      </span>
      <StatusBadge status={job.status} />
    </a>
  );
}
