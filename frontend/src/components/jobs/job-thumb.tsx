import { ChartLine } from "lucide";
import { useCapability } from "../../api/catalog";
import type { Job } from "../../api/types";
import { formatAgo, langOf, said, t } from "../../i18n";
import { Icon } from "../controls/icon";
import { JobPicture } from "./job-picture";

/** One past result as a small picture and words. */
export function JobThumb({ job }: { job: Job }) {
  const capability = useCapability(job.capability);
  const title = capability?.title ?? job.capability;
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
        <strong lang={found ? undefined : langOf(title)}>
          {found ? t("objects.title", { n: found.length }) : said(title)}
        </strong>
        {labels.length > 0 && <span lang="en">{labels.slice(0, 3).join(", ")}</span>}
        <small>{formatAgo(job.created_at)}</small>
      </span>
    </a>
  );
}
