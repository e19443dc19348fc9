import { jobAddress } from "../../api/addresses";
import { useCapability } from "../../api/catalog";
import type { Job } from "../../api/types";
import { formatAgo, label } from "../../i18n";
import { progressText } from "./job-progress";
import { StatusBadge } from "./status-badge";

/** One job of a short list: its name, the capability and model, and its state. */
export function JobRow({ job }: { job: Job }) {
  const capability = useCapability(job.capability);
  const title = label(`${job.capability}.title`, capability?.title ?? job.capability).text;
  const details = [
    title,
    job.model && `${job.model.name}@${job.model.version}`,
    formatAgo(job.created_at),
    job.status === "running" && progressText(job),
  ];
  return (
    <a class="row-link" href={jobAddress(job)}>
      <span>
        <strong>{job.name || title}</strong>
        <small>{details.filter(Boolean).join(" · ")}</small>
      </span>
      <StatusBadge status={job.status} />
    </a>
  );
}
