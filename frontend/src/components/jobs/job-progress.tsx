import { X } from "lucide";
import { api } from "../../api/client";
import type { Link } from "../../api/job-stream";
import type { Job } from "../../api/types";
import { formatDuration, formatOrdinal, message, t } from "../../i18n";
import { Icon } from "../controls/icon";
import type { PictureSource } from "../pictures/source";

interface JobProgressProps {
  job: Job;
  link: Link;
  picture: PictureSource | null;
  onChange: () => void;
}

/** A queued or running job, in the place of its answer. */
export function JobProgress({ job, link, picture, onChange }: JobProgressProps) {
  return (
    <div class="stage-main" aria-busy="true">
      <div
        class="waiting"
        style={{ aspectRatio: picture ? `${picture.width} / ${picture.height}` : "8 / 5" }}
      >
        {picture && <img src={picture.url} alt={picture.alt} />}
        <ProgressPanel job={job} link={link} onChange={onChange} />
      </div>
    </div>
  );
}

/** The place in line, or how far the job is, and the way to cancel it. */
export function ProgressPanel({ job, link, onChange }: Omit<JobProgressProps, "picture">) {
  const cancel = async () => {
    await api.cancelJob(job.id).catch(() => undefined); // finished meanwhile: the refresh shows it
    onChange();
  };
  return (
    <div class="waiting-panel">
      <p role="status">
        <strong>{link === "lost" ? t("link.lost") : progressText(job)}</strong>
      </p>
      <ProgressBar job={job} />
      <p class="hint">{t("state.mayLeave")}</p>
      <button type="button" class="button is-small" onClick={cancel}>
        <Icon of={X} size={16} />
        {t("action.cancel")}
      </button>
    </div>
  );
}

export function progressText(job: Job): string {
  if (job.status === "queued") return queueText(job);
  const { message: english, message_parts, step, total } = job.progress;
  if (message_parts.length > 0 || total <= 1) {
    return message(message_parts, english).text || t("status.running");
  }
  const left = job.task === "train" ? secondsLeft(job) : null;
  const at = t("state.step", { step, total });
  return left === null ? at : `${at}, ${t("state.left", { time: formatDuration(left) })}`;
}

const FIRST_STEPS = 0.01; // of all steps: earlier, loading and warm-up distort the estimate

/** The estimated remaining time of a job; null while the estimate is unreliable. */
export function secondsLeft(
  { status, started_at, progress: { fraction } }: Job,
  now = Date.now(),
): number | null {
  if (status !== "running" || !started_at || fraction < FIRST_STEPS) return null;
  const spent = (now - Date.parse(started_at)) / 1000;
  return Math.max((spent * (1 - fraction)) / fraction, 0);
}

function queueText({ queue }: Job): string {
  if (!queue) return t("status.queued");
  const place = t("state.queued", { place: formatOrdinal(queue.position) });
  if (queue.eta_seconds === null) return place;
  return `${place}, ${t("state.eta", { time: formatDuration(Math.max(queue.eta_seconds, 1)) })}`;
}

export function ProgressBar({ job }: { job: Job }) {
  const isKnown = job.status === "running" && job.progress.fraction > 0;
  return (
    <progress
      class="progress"
      max={1}
      value={isKnown ? job.progress.fraction : undefined}
      aria-label={t("state.progress")}
    />
  );
}
