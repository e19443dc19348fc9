import { CircleAlert, RotateCcw } from "lucide";
import { useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import { noteActivity } from "../../api/activity";
import { jobAddress } from "../../api/addresses";
import { ApiError, api } from "../../api/client";
import type { Job } from "../../api/types";
import { hasDeletedInput } from "../../form/inputs";
import { message, t } from "../../i18n";
import { Icon } from "../controls/icon";
import type { PictureSource } from "../pictures/source";
import { errorText } from "../shell/problem-texts";

/** A job without an answer: the reason, and what to do next. */
export function JobFailure({ job, picture }: { job: Job; picture: PictureSource | null }) {
  const reason = message(job.error_message, job.error ?? "");
  return (
    <div class="stage-main">
      <div class="failure">
        {picture && <img src={picture.url} alt={picture.alt} />}
        <div class="notice" role="alert">
          <Icon of={CircleAlert} size={20} />
          <div>
            <p>
              <strong>{t(job.status === "canceled" ? "job.canceled" : "job.failed")}</strong>
            </p>
            {reason.text && <p lang={reason.lang}>{reason.text}</p>}
            <p class="hint">
              {t("job.id")} <code>{job.id}</code>
            </p>
            <RetryButton job={job} />
          </div>
        </div>
      </div>
    </div>
  );
}

/** Failures that are not the input's: the same job may succeed another time. */
const PASSING = [
  "core.jobs.crashed",
  "core.jobs.files",
  "core.jobs.internal_error",
  "core.training.internal_error",
];

export const mayPass = ({ error_message: parts }: Pick<Job, "error_message">): boolean =>
  parts.every(({ id }) => PASSING.includes(id));

/** Repeats a job as a new one and opens it; shown where that can help. */
export function RetryButton({ job, isSmall, title }: { job: Job; isSmall?: boolean; title?: string }) {
  const { route } = useLocation();
  const [error, setError] = useState<string | null>(null);
  const retry = async () => {
    try {
      const made = await api.retryJob(job.id);
      noteActivity();
      route(jobAddress(made));
    } catch (thrown) {
      if (!(thrown instanceof ApiError)) throw thrown;
      setError(errorText(thrown));
    }
  };
  if (job.status === "failed" && !mayPass(job)) return null;
  if (hasDeletedInput(job)) return <span class="empty">{t("facts.uploadDeleted")}</span>;
  return (
    <>
      <button type="button" class={`button${isSmall ? " is-small is-quiet" : ""}`} onClick={retry}>
        <Icon of={RotateCcw} size={isSmall ? 16 : 18} />
        {title ?? t("action.retry")}
      </button>
      {error && (
        <span class="error" role="alert">
          {error}
        </span>
      )}
    </>
  );
}
