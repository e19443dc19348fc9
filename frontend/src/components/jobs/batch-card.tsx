import { Image as ImageIcon, RotateCcw } from "lucide";
import type { BatchItem } from "../../batch/batch";
import { message, t } from "../../i18n";
import { Icon } from "../controls/icon";
import { mayPass } from "./job-failure";
import { JobPicture } from "./job-picture";
import { ProgressBar, progressText } from "./job-progress";
import { StatusBadge } from "./status-badge";

interface BatchCardProps {
  item: BatchItem;
  isPicture: boolean;
  onRetry: () => void;
}

/** One file of a batch: its answer as soon as there is one, else where it stands and why. */
export function BatchCard({ item, isPicture, onRetry }: BatchCardProps) {
  const { job, jobId, name, problem } = item;
  const isOpen = job?.status === "queued" || job?.status === "running";
  const isAgain =
    item.state === "refused" ? item.file !== null && item.mayPass : job?.status === "failed" && mayPass(job);
  return (
    <article class="thumb batch-card">
      {job && isPicture ? (
        <JobPicture job={job} />
      ) : (
        <span class="job-picture no-thumb">
          <Icon of={ImageIcon} size={28} />
        </span>
      )}
      <div class="batch-text">
        <h2>
          {jobId ? (
            <a href={`/r/${jobId}`} aria-label={t("batch.open", { name })}>
              {name || jobId.slice(0, 8)}
            </a>
          ) : (
            name
          )}
        </h2>
        <State item={item} />
        {job && isOpen && (
          <>
            <ProgressBar job={job} />
            <small>{progressText(job)}</small>
          </>
        )}
        {(problem ?? job?.error) && (
          <p class="error">{problem ?? message(job?.error_message, job?.error ?? "").text}</p>
        )}
        {isAgain && (
          <button
            type="button"
            class="button is-small"
            aria-label={t("batch.again", { name })}
            onClick={onRetry}
          >
            <Icon of={RotateCcw} size={16} />
            {t("action.retry")}
          </button>
        )}
      </div>
    </article>
  );
}

function State({ item: { job, state } }: { item: BatchItem }) {
  if (job) return <StatusBadge status={job.status} />;
  if (state === "job") return null;
  const keys = {
    waiting: "batch.waiting",
    sending: "batch.sending",
    refused: "batch.stateRefused",
  } as const;
  const look = { waiting: "queued", sending: "running", refused: "failed" }[state];
  return (
    <span class={`badge is-${look}`}>
      <i aria-hidden="true" />
      {t(keys[state])}
    </span>
  );
}
