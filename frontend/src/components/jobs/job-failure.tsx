import { CircleAlert, RotateCcw } from "lucide";
import { useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import { noteActivity } from "../../api/activity";
import { ApiError, api } from "../../api/client";
import type { Job } from "../../api/types";
import { langOf, said, t } from "../../i18n";
import { Icon } from "../controls/icon";
import type { PictureSource } from "../pictures/picture";
import { errorText } from "../shell/notice";

/** A job that ended without an answer: what happened, and the way on. */
export function JobFailure({ job, picture }: { job: Job; picture: PictureSource | null }) {
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
            {job.error && <p lang={langOf(job.error)}>{said(job.error)}</p>}
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

/** Asks for the same again, as a job of its own, and goes there. */
export function RetryButton({ job, isSmall }: { job: Job; isSmall?: boolean }) {
  const { route } = useLocation();
  const [error, setError] = useState<string | null>(null);
  const retry = async () => {
    try {
      const made = await api.retryJob(job.id);
      noteActivity();
      route(made.task === "train" ? `/train/${made.id}` : `/r/${made.id}`);
    } catch (thrown) {
      if (!(thrown instanceof ApiError)) throw thrown;
      setError(errorText(thrown));
    }
  };
  if (job.upload_deleted) return <span class="empty">{t("facts.uploadDeleted")}</span>;
  return (
    <>
      <button type="button" class={`button${isSmall ? " is-small is-quiet" : ""}`} onClick={retry}>
        <Icon of={RotateCcw} size={isSmall ? 16 : 18} />
        {t("action.retry")}
      </button>
      {error && (
        <span class="error" role="alert">
          {error}
        </span>
      )}
    </>
  );
}
