import { CircleAlert, CircleCheck } from "lucide";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { useJobStream } from "../../api/job-stream";
import { isFinal, type Job } from "../../api/types";
import { message } from "../../i18n";
import { Icon } from "../controls/icon";
import { ProgressPanel } from "../jobs/job-progress";
import { Notice } from "../shell/notice";

interface CheckProgressProps {
  id: string; // of the job
  failed: string;
  canceled: string;
  /** Called once, when the job has ended. */
  onEnd?: (job: Job) => void;
  /** Below the reason of a failure. */
  advice?: ComponentChildren;
  done?: (job: Job) => ComponentChildren;
}

/** The check of a dataset while it runs, and its outcome. */
export function CheckProgress({ id, failed, canceled, onEnd, advice, done }: CheckProgressProps) {
  const stream = useJobStream(id);
  const job = stream.job.value;
  const isEnded = job !== null && isFinal(job.status);
  useEffect(() => {
    if (job && isEnded) onEnd?.(job);
  }, [isEnded]);
  if (stream.error.value && !job) return <Notice error={stream.error.value} />;
  if (!job) return null;
  if (!isEnded)
    return <ProgressPanel job={job} link={stream.link.value} onChange={() => void stream.refresh()} />;
  if (job.status === "succeeded")
    return done ? (
      <div class="notice is-done" role="status">
        <Icon of={CircleCheck} size={20} />
        <div>{done(job)}</div>
      </div>
    ) : null;
  const reason = message(job.error_message, job.error ?? "");
  return (
    <div class="notice" role="alert">
      <Icon of={CircleAlert} size={20} />
      <div>
        <p>
          <strong>{job.status === "canceled" ? canceled : failed}</strong>
        </p>
        {reason.text && <p lang={reason.lang}>{reason.text}</p>}
        {advice}
      </div>
    </div>
  );
}
