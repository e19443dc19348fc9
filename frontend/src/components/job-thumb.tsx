import { ChartLine } from "lucide";
import { useCapability } from "../api/catalog";
import type { Job } from "../api/types";
import { formatAgo, t } from "../i18n";
import { Icon } from "./icon";
import { JobPicture } from "./job-picture";

/** One past result as a small picture and words. */
export function JobThumb({ job }: { job: Job }) {
  const capability = useCapability(job.capability);
  const found = (job.result as { objects?: { label: string }[] } | null)?.objects;
  const labels = [...new Set(found?.map(({ label }) => label))];
  return (
    <a class="thumb" href={`/r/${job.id}`}>
      {capability?.accepts === "table" ? (
        <span class="job-picture no-thumb">
          <Icon of={ChartLine} />
        </span>
      ) : (
        <JobPicture job={job} />
      )}
      <span>
        <strong lang={found ? undefined : "en"}>
          {found ? t("objects.title", { n: found.length }) : (capability?.title ?? job.capability)}
        </strong>
        {labels.length > 0 && <span lang="en">{labels.slice(0, 3).join(", ")}</span>}
        <small>{formatAgo(job.created_at)}</small>
      </span>
    </a>
  );
}
