import { ChartLine, X } from "lucide";
import { useEffect, useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import { noteActivity } from "../api/activity";
import { jobAddress } from "../api/addresses";
import { useCapability } from "../api/catalog";
import { ApiError, api } from "../api/client";
import { firstJobs } from "../api/job-list";
import { useResource } from "../api/resource";
import { isFinal, type Job, type Status } from "../api/types";
import { ConfirmButton } from "../components/controls/confirm-button";
import { Icon } from "../components/controls/icon";
import { RetryButton } from "../components/jobs/job-failure";
import { hasPicture, JobPicture } from "../components/jobs/job-picture";
import { ProgressBar, progressText } from "../components/jobs/job-progress";
import { StatusBadge } from "../components/jobs/status-badge";
import { errorText, Notice } from "../components/shell/notice";
import { useTitle } from "../components/shell/title";
import { formatAgo, formatDuration, label, message, t } from "../i18n";

const STATUSES: Status[] = ["queued", "running", "succeeded", "failed", "canceled"];
const PAGE = 25;
const [BUSY_MS, IDLE_MS] = [1500, 8000];

/** Every job, newest first; the list is refreshed while any job is running. */
export default function Jobs() {
  const { query, route } = useLocation();
  const [limit, setLimit] = useState(PAGE);
  const [problem, setProblem] = useState<string | null>(null);
  const { status = "" } = query;
  const jobs = useResource(`${status} ${limit}`, (signal) =>
    firstJobs((page) => api.jobs({ ...page, ...(status && { status }) }, signal), limit),
  );
  useTitle(t("nav.jobs"));
  const isBusy = jobs.data?.items.some((job) => !isFinal(job.status)) ?? false;

  useEffect(() => {
    const timer = setInterval(
      () => {
        if (document.visibilityState === "visible") jobs.reload();
      },
      isBusy ? BUSY_MS : IDLE_MS,
    );
    return () => clearInterval(timer);
  }, [isBusy, jobs.reload]);

  const act = async (change: Promise<unknown>) => {
    try {
      setProblem(null);
      await change;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setProblem(errorText(error));
    }
    jobs.reload();
    noteActivity();
  };

  return (
    <>
      <header class="page-head is-split">
        <h1>{t("nav.jobs")}</h1>
        <div class="field is-inline">
          <label for="status-filter">{t("jobs.filter")}</label>
          <select
            id="status-filter"
            value={status}
            onChange={(event) => {
              const chosen = event.currentTarget.value;
              route(chosen ? `/jobs?status=${chosen}` : "/jobs", true);
            }}
          >
            <option value="">{t("jobs.all")}</option>
            {STATUSES.map((name) => (
              <option key={name} value={name}>
                {t(`status.${name}`)}
              </option>
            ))}
          </select>
        </div>
      </header>
      {problem && (
        <p class="error" role="alert">
          {problem}
        </p>
      )}
      {jobs.error && !jobs.data && <Notice error={jobs.error} onRetry={jobs.reload} />}
      {jobs.data?.items.length === 0 && (
        <div class="card empty">
          <p>{t(status ? "jobs.noneOf" : "jobs.none")}</p>
          <a class="button is-primary" href="/">
            {t("start.tryOne")}
          </a>
        </div>
      )}
      {jobs.data && jobs.data.items.length > 0 && (
        <div class="card is-flush">
          <table class="rows">
            <caption class="visually-hidden">{t("nav.jobs")}</caption>
            <thead>
              <tr>
                <th scope="col">{t("jobs.job")}</th>
                <th scope="col">{t("jobs.status")}</th>
                <th scope="col">{t("jobs.created")}</th>
                <th scope="col">{t("jobs.took")}</th>
                <th scope="col">
                  <span class="visually-hidden">{t("jobs.actions")}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {jobs.data.items.map((job) => (
                <JobRow
                  key={job.id}
                  job={job}
                  onCancel={() => act(api.cancelJob(job.id))}
                  onDelete={() => act(api.deleteJob(job.id))}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {jobs.data?.next_cursor && (
        <button type="button" class="button" onClick={() => setLimit(limit + PAGE)}>
          {t("jobs.more")}
        </button>
      )}
    </>
  );
}

function JobRow({ job, onCancel, onDelete }: { job: Job; onCancel: () => void; onDelete: () => void }) {
  const capability = useCapability(job.capability);
  const title = label(`${job.capability}.title`, capability?.title ?? job.capability).text;
  return (
    <tr>
      <td class="row-main">
        <a class="row-link" href={jobAddress(job)}>
          {hasPicture(job, capability) ? (
            <JobPicture job={job} />
          ) : (
            <i class="no-thumb">
              <Icon of={ChartLine} />
            </i>
          )}
          <span>
            <strong>{job.task === "train" ? t("jobs.training", { name: title }) : title}</strong>
            <small>{job.id.slice(0, 8)}</small>
          </span>
        </a>
      </td>
      <td data-label={t("jobs.status")}>
        <StatusBadge status={job.status} />
        {!isFinal(job.status) && (
          <div class="row-progress">
            <ProgressBar job={job} />
            <small>{progressText(job)}</small>
          </div>
        )}
        {job.status === "failed" && job.error && (
          <small class="row-error">{message(job.error_message, job.error).text}</small>
        )}
      </td>
      <td data-label={t("jobs.created")}>
        <time dateTime={job.created_at}>{formatAgo(job.created_at)}</time>
      </td>
      <td class="is-whole" data-label={t("jobs.took")}>
        {tookOf(job)}
      </td>
      <td class="row-actions">
        {isFinal(job.status) ? (
          <>
            <RetryButton job={job} isSmall />
            <ConfirmButton title={t("action.delete")} onConfirm={onDelete} isSmall />
          </>
        ) : (
          <button type="button" class="button is-small is-quiet" onClick={onCancel}>
            <Icon of={X} size={16} />
            {t("action.cancel")}
          </button>
        )}
      </td>
    </tr>
  );
}

function tookOf(job: Job): string {
  if (!job.started_at) return "–";
  const end = job.finished_at ? Date.parse(job.finished_at) : Date.now();
  return formatDuration(Math.max(end - Date.parse(job.started_at), 0) / 1000);
}
