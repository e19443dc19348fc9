import { ChartLine, X } from "lucide";
import { useEffect, useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import { noteActivity } from "../api/activity";
import { jobAddress } from "../api/addresses";
import { useCapability, useCatalog } from "../api/catalog";
import { ApiError, api } from "../api/client";
import { firstItems } from "../api/lists";
import { useResource } from "../api/resource";
import { isFinal, type Job, type Status } from "../api/types";
import { ConfirmButton } from "../components/controls/confirm-button";
import { Icon } from "../components/controls/icon";
import { Rename } from "../components/controls/rename";
import { SearchField } from "../components/controls/search-field";
import { RetryButton } from "../components/jobs/job-failure";
import { hasPicture, JobPicture } from "../components/jobs/job-picture";
import { ProgressBar, progressText } from "../components/jobs/job-progress";
import { useJobSettings } from "../components/jobs/job-settings";
import { keyFigure, keySettings } from "../components/jobs/job-summary";
import { StatusBadge } from "../components/jobs/status-badge";
import { TagFilter, TagList } from "../components/runs/labels";
import { CompareBar, SelectBox, type Selection, useSelection } from "../components/runs/selection";
import { Notice } from "../components/shell/notice";
import { errorText } from "../components/shell/problem-texts";
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
  const selection = useSelection();
  const filter = filterIn(query);
  const isFiltered = Object.keys(filter).length > 0;
  const jobs = useResource(`${JSON.stringify(filter)} ${limit}`, (signal) =>
    firstItems((page) => api.jobs({ ...page, ...filter }, signal), limit),
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
        <Filters filter={filter} onFilter={(next) => route(addressOf(next), true)} />
      </header>
      {problem && (
        <p class="error" role="alert">
          {problem}
        </p>
      )}
      {jobs.error && !jobs.data && <Notice error={jobs.error} onRetry={jobs.reload} />}
      {jobs.data?.items.length === 0 && (
        <div class="card empty">
          <p>{t(isFiltered ? "jobs.noneFound" : "jobs.none")}</p>
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
                <th scope="col" class="row-select">
                  <span class="visually-hidden">{t("action.compare")}</span>
                </th>
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
                  selection={selection}
                  onCancel={() => act(api.cancelJob(job.id))}
                  onDelete={() => act(api.deleteJob(job.id))}
                  onRename={(name) => api.editJob(job.id, { name }).then(jobs.reload)}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <CompareBar selection={selection} />
      {jobs.data?.next_cursor && (
        <button type="button" class="button" onClick={() => setLimit(limit + PAGE)}>
          {t("jobs.more")}
        </button>
      )}
    </>
  );
}

const FILTERS = ["name", "capability", "status", "tag"] as const;
type Filter = Partial<Record<(typeof FILTERS)[number], string>>;

const filterIn = (query: Record<string, string>): Filter =>
  Object.fromEntries(FILTERS.filter((name) => query[name]).map((name) => [name, query[name]]));

function addressOf(filter: Filter): string {
  const given = Object.entries(filter).filter(([, value]) => value);
  const query = new URLSearchParams(Object.fromEntries(given)).toString();
  return query ? `/jobs?${query}` : "/jobs";
}

function Filters({ filter, onFilter }: { filter: Filter; onFilter: (filter: Filter) => void }) {
  const { items } = useCatalog();
  const capabilities = items?.map(({ name, title }) => [name, label(`${name}.title`, title).text]) ?? [];
  const statuses = STATUSES.map((name) => [name, t(`status.${name}`)]);
  return (
    <div class="filters" role="search">
      <SearchField
        label={t("jobs.search")}
        value={filter.name ?? ""}
        onSearch={(name) => onFilter({ ...filter, name })}
      />
      {(
        [
          ["capability", t("train.capability"), capabilities],
          ["status", t("jobs.status"), statuses],
        ] as const
      ).map(([name, title, options]) => (
        <div key={name} class="field is-inline">
          <label for={`${name}-filter`}>{title}</label>
          <select
            id={`${name}-filter`}
            value={filter[name] ?? ""}
            onChange={(event) => onFilter({ ...filter, [name]: event.currentTarget.value })}
          >
            <option value="">{t("jobs.all")}</option>
            {options.map(([value, text]) => (
              <option key={value} value={value}>
                {text}
              </option>
            ))}
          </select>
        </div>
      ))}
      {filter.tag && <TagFilter tag={filter.tag} onClear={() => onFilter({ ...filter, tag: "" })} />}
    </div>
  );
}

interface JobRowProps {
  job: Job;
  selection: Selection;
  onCancel: () => void;
  onDelete: () => void;
  onRename: (name: string) => Promise<unknown>;
}

function JobRow({ job, selection, onCancel, onDelete, onRename }: JobRowProps) {
  const capability = useCapability(job.capability);
  const title = label(`${job.capability}.title`, capability?.title ?? job.capability).text;
  const kind = kindText(job, title);
  const settings = keySettings(useJobSettings(job));
  const details = [job.name ? kind : "", ...settings, keyFigure(job) ?? ""].filter(Boolean);
  return (
    <tr>
      <td class="row-select">
        {(job.task === "predict" || job.task === "train") && (
          <SelectBox of={job.id} name={job.name || kind} selection={selection} />
        )}
      </td>
      <td class="row-main">
        <div class="with-rename">
          <a class="row-link" href={jobAddress(job)}>
            {hasPicture(job, capability) ? (
              <JobPicture job={job} />
            ) : (
              <i class="no-thumb">
                <Icon of={ChartLine} />
              </i>
            )}
            <span>
              <strong>{job.name || kind}</strong>
              <small>{details.join(" · ")}</small>
            </span>
          </a>
          <Rename value={job.name || kind} onRename={onRename} />
        </div>
        <TagList tags={job.tags} addressOf={(tag) => addressOf({ tag })} />
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
      <td class="is-whole" data-label={t("jobs.created")}>
        <time dateTime={job.created_at}>{formatAgo(job.created_at)}</time>
      </td>
      <td class="is-whole" data-label={t("jobs.took")}>
        {tookOf(job)}
      </td>
      <td class="row-actions">
        {isFinal(job.status) ? (
          <>
            <RetryButton job={job} isSmall />
            <ConfirmButton
              title={t("action.delete")}
              isHarmless={job.status !== "succeeded"}
              onConfirm={onDelete}
              isSmall
            />
          </>
        ) : (
          <ConfirmButton
            title={t("action.cancel")}
            question={t("training.reallyStop")}
            icon={X}
            isHarmless={!(job.task === "train" || job.task === "sweep") || job.status === "queued"}
            onConfirm={onCancel}
            isSmall
          />
        )}
      </td>
    </tr>
  );
}

function kindText({ task }: Job, name: string): string {
  if (task === "sweep") return t("jobs.sweep", { name });
  return task === "train" ? t("jobs.training", { name }) : name;
}

function tookOf(job: Job): string {
  if (!job.started_at) return "–";
  const end = job.finished_at ? Date.parse(job.finished_at) : Date.now();
  return formatDuration(Math.max(end - Date.parse(job.started_at), 0) / 1000);
}
