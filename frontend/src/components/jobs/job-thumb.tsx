import { ChartLine } from "lucide";
import { useCapability } from "../../api/catalog";
import type { Job } from "../../api/types";
import { formatAgo, label, t } from "../../i18n";
import { foundObjects } from "../boxes/found-objects";
import { Icon } from "../controls/icon";
import { hasPicture, JobPicture } from "./job-picture";

/** One past result: a small picture, its title, and its age. */
export function JobThumb({ job }: { job: Job }) {
  const capability = useCapability(job.capability);
  const title = label(`${job.capability}.title`, capability?.title ?? job.capability);
  const found = foundObjects(job);
  return (
    <a class="thumb" href={`/r/${job.id}`}>
      {hasPicture(job, capability) ? (
        <JobPicture job={job} />
      ) : (
        <span class="job-picture no-thumb">
          <Icon of={ChartLine} />
        </span>
      )}
      <span>
        <strong lang={job.name ? undefined : title.lang}>{job.name || title.text}</strong>
        {found ? (
          <span>
            {t("objects.title", { n: found.count })}
            {found.labels.length > 0 && <span lang="en">: {found.labels.join(", ")}</span>}
          </span>
        ) : (
          job.name && <span lang={title.lang}>{title.text}</span>
        )}
        <small>{formatAgo(job.created_at)}</small>
      </span>
    </a>
  );
}
