import { ArrowRight, Square } from "lucide";
import { useEffect, useId, useMemo, useRef } from "preact/hooks";
import { useLocation, useRoute } from "preact-iso";
import { noteActivity } from "../api/activity";
import { newAuditAddress } from "../api/audits";
import { reloadCatalog, useCapability, useCatalog } from "../api/catalog";
import { api } from "../api/client";
import { type JobStream, useJobStream } from "../api/job-stream";
import { useResource } from "../api/resource";
import { isFinal, type Job } from "../api/types";
import { LineChart } from "../components/charts/line-chart";
import { LossTools, MAX_WEIGHT } from "../components/charts/loss-tools";
import { chartsOf, smoothed } from "../components/charts/metric-series";
import { ConfirmButton } from "../components/controls/confirm-button";
import { CopyButton } from "../components/controls/copy-button";
import { Icon } from "../components/controls/icon";
import { Rename } from "../components/controls/rename";
import { JobFacts } from "../components/jobs/job-facts";
import { RetryButton } from "../components/jobs/job-failure";
import { ProgressBar, progressText } from "../components/jobs/job-progress";
import { LiveSamples, sheetOnShow } from "../components/jobs/live-samples";
import { MetricFigures } from "../components/jobs/metric-figures";
import { LinkBadge } from "../components/jobs/status-badge";
import { Placeholder } from "../components/pictures/placeholder";
import { Evaluation, withIntervals } from "../components/results/evaluation";
import { Notes, notesOf } from "../components/results/notes";
import { LabelsPlace } from "../components/runs/labels";
import { compareAddress, keyOfModel } from "../components/runs/selection";
import { Notice } from "../components/shell/notice";
import { useTitle } from "../components/shell/title";
import { nameOf } from "../components/workbench/model-choice";
import { View } from "../components/workbench/view";
import { inputsOf } from "../form/inputs";
import { label, message, t } from "../i18n";
import { metricName, metricRows } from "../i18n/metric-names";

/** One training, live; after a reload the whole curve is back. */
export default function Training() {
  const { params } = useRoute();
  return <TrainingOf key={params.id} id={params.id} />;
}

function TrainingOf({ id }: { id: string }) {
  const stream = useJobStream(id, true);
  const { route } = useLocation();
  const view = useMemo(() => new View(), []);
  const job = stream.job.value;
  const capability = useCatalog().items?.find((item) => item.name === job?.capability);
  const name = job?.capability ?? "";
  const kind = t("training.title", { name: label(`${name}.title`, capability?.title ?? name).text });
  const title = job?.name || kind;
  useTitle(title);
  const error = stream.error.value;
  if (error && !job) return <Notice isPage error={error} onRetry={() => stream.start()} />;
  if (!job) return <Placeholder />;
  const rename = (to: string) => api.editJob(id, { name: to }).then(() => stream.refresh());
  const remove = () => api.deleteJob(id).then(() => route("/jobs"));
  return (
    <>
      <header class="page-head is-split">
        <div>
          <div class="with-rename">
            <h1>{title}</h1>
            <Rename value={title} onRename={rename} />
          </div>
          {title !== kind && <p class="lead">{kind}</p>}
          <LabelsPlace
            labels={job}
            addressOf={(tag) => `/jobs?${new URLSearchParams({ tag })}`}
            onSave={(labels) => api.editJob(id, labels).then(() => stream.refresh())}
          />
        </div>
        <div class="actions">
          <CopyButton isLink title={t("action.copyLink")} text={() => location.href} />
          <a class="button is-quiet" href={compareAddress([id])}>
            {t("action.compare")}
          </a>
          {isFinal(job.status) ? (
            !job.parent_id && (
              <>
                <RetryButton job={job} />
                <ConfirmButton
                  title={t("action.delete")}
                  isHarmless={job.status !== "succeeded"}
                  onConfirm={remove}
                />
              </>
            )
          ) : (
            <CancelButton stream={stream} />
          )}
        </div>
      </header>
      <section class="card" aria-labelledby="state-title">
        <header class="card-head is-split">
          <h2 id="state-title">{job.status === "running" ? progressText(job) : t(`status.${job.status}`)}</h2>
          <LinkBadge link={stream.link.value} />
        </header>
        <TrainingState job={job} stream={stream} />
      </section>
      {job.status === "succeeded" && (job.parent_id ? <FitOfSweep job={job} /> : <NewModel job={job} />)}
      <LiveSamples stream={stream} view={view} />
      <Charts stream={stream} shown={sheetOnShow(stream, view)?.step} />
      <Log lines={stream.log.value} />
      <JobFacts job={job} />
    </>
  );
}

function CancelButton({ stream }: { stream: JobStream }) {
  const cancel = async () => {
    await api.cancelJob(stream.id).catch(() => undefined); // finished meanwhile: the refresh shows it
    noteActivity();
    await stream.refresh();
  };
  return (
    <ConfirmButton
      title={t("training.stop")}
      question={t("training.reallyStop")}
      icon={Square}
      isHarmless={stream.job.value?.status === "queued"}
      onConfirm={cancel}
    />
  );
}

/** The form of a training on the same data with the same settings. */
function changedAddress({ capability, params, dataset_id, dataset_version, ...job }: Job): string {
  const [upload] = Object.values(inputsOf(job));
  const data = {
    ...(upload && { upload }),
    ...(dataset_id && { dataset: dataset_id, dataset_version: String(dataset_version ?? "") }),
  };
  return `/train?${new URLSearchParams({ capability, ...data, params: JSON.stringify(params) })}`;
}

function TrainingState({ job, stream }: { job: Job; stream: JobStream }) {
  if (job.status === "queued") return <p>{progressText(job)}</p>;
  const last = stream.metrics.value.at(-1);
  return (
    <>
      {job.status === "failed" && <p class="error">{message(job.error_message, job.error ?? "").text}</p>}
      {isFinal(job.status) && job.status !== "succeeded" && !job.parent_id && (
        <p class="actions">
          <a class="button" href={changedAddress(job)}>
            {t("training.change")}
          </a>
        </p>
      )}
      {!isFinal(job.status) && <ProgressBar job={job} />}
      <Figures values={last?.values ?? {}} />
      {job.progress.message && !isFinal(job.status) && (
        <p class="hint">{message(job.progress.message_parts, job.progress.message).text}</p>
      )}
    </>
  );
}

const Figures = ({ values }: { values: Record<string, number | null> }) => (
  <MetricFigures rows={metricRows(values)} />
);

/** The metrics by step; `shown` is the step of the samples on show. */
function Charts({ stream, shown }: { stream: JobStream; shown: number | undefined }) {
  const { query, path, route } = useLocation();
  const id = useId();
  const charts = chartsOf(stream.metrics.value);
  const weight = Math.min(Math.max(Number(query.smooth) || 0, 0), MAX_WEIGHT);
  const isLog = query.scale === "log";
  const set = (next: { smooth?: number; isLog?: boolean }) => {
    const { smooth = weight, isLog: log = isLog } = next;
    const parts = [smooth > 0 && `smooth=${smooth}`, log && "scale=log"].filter(Boolean).join("&");
    route(`${path}${parts ? `?${parts}` : ""}`, true);
  };
  if (charts.length === 0)
    return stream.job.value && isFinal(stream.job.value.status) ? null : (
      <p class="card empty">{t("training.noMetrics")}</p>
    );
  return (
    <>
      {charts.map(({ name, series }) => (
        <section key={name} class="card" aria-labelledby={`${id}-${name}`}>
          <header class="card-head is-split">
            <h2 id={`${id}-${name}`}>{t(`training.${name}`)}</h2>
            {name === "loss" && (
              <LossTools
                weight={weight}
                isLog={isLog}
                onWeight={(smooth) => set({ smooth })}
                onLog={(log) => set({ isLog: log })}
              />
            )}
          </header>
          <LineChart
            xLabel={t("training.step")}
            yLabel={t(`training.${name}`)}
            series={series
              .map((one) => (name === "loss" ? smoothed(one, weight) : one))
              .map((one) => ({ ...one, name: metricName(one.name) }))}
            marks={shown === undefined ? [] : [{ x: shown, label: t("training.sheetShown") }]}
            isLog={name === "loss" && isLog}
          />
        </section>
      ))}
    </>
  );
}

function Log({ lines }: { lines: string[] }) {
  const end = useRef<HTMLPreElement>(null);
  useEffect(() => {
    const box = end.current;
    if (box) box.scrollTop = box.scrollHeight;
  }, [lines]);
  return (
    <section class="card" aria-labelledby="log-title">
      <h2 id="log-title">{t("training.logTitle")}</h2>
      {lines.length === 0 ? (
        <p class="empty">{t("training.noLog")}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a long log is scrolled by keys too
        <pre ref={end} class="log" role="log" aria-live="off" aria-labelledby="log-title" tabIndex={0}>
          {lines.join("\n")}
        </pre>
      )}
    </section>
  );
}

interface Outcome {
  measured_on?: string | null;
  best?: { figure: string; step: number } | null; // the figure that chose the weights
  model?: { name: string; version: number };
}

/** Which weights are kept, where a figure chose them. */
function BestWeights({ job }: { job: Job }) {
  const best = (job.result as Outcome | null)?.best;
  return best ? (
    <p class="hint">{t("training.best", { figure: metricName(best.figure), step: best.step })}</p>
  ) : null;
}

/** Which part of the data the figures belong to. */
function MeasuredOn({ job }: { job: Job }) {
  const part = (job.result as Outcome | null)?.measured_on;
  if (part === "validation") return <p class="hint">{t("training.onValidation")}</p>;
  return part === "test" ? <p class="hint">{t("training.onTest")}</p> : null;
}

/** An audit of the model on the data that it learned from, whose test part it has not seen. */
function auditAddress(job: Job, model: string): string {
  const { dataset_id, dataset_version } = job;
  const [upload] = Object.values(inputsOf(job));
  return newAuditAddress({
    of: "model",
    model,
    ...(dataset_id && { dataset: dataset_id, dataset_version: String(dataset_version ?? "") }),
    ...(upload && { upload }),
  });
}

/** The outcome of a fit that made no model: a training with its settings makes one. */
function FitOfSweep({ job }: { job: Job }) {
  return (
    <section class="card" aria-labelledby="fit-title">
      <h2 id="fit-title">{t("training.fit")}</h2>
      <MeasuredOn job={job} />
      <Figures values={withIntervals(job)} />
      <BestWeights job={job} />
      <Notes of={notesOf(job)} />
      <Evaluation job={job} />
      <div class="actions">
        <a class="button is-primary" href={`/sweeps/${job.parent_id}`}>
          {t("training.toSweep")}
        </a>
        <RetryButton job={job} title={t("training.keep")} />
      </div>
    </section>
  );
}

/** The training's outcome, to look at and to use at once. */
function NewModel({ job }: { job: Job }) {
  const made = (job.result as Outcome | null)?.model;
  const versions = useResource(made?.name ?? null, (signal) => api.modelVersions(made?.name ?? "", signal));
  const all = versions.data?.items ?? [];
  const model = all.find(({ job_id }) => job_id === job.id);
  const capability = useCapability(job.capability);
  const older = all.find((one) => one.is_default && model && one.version < model.version);
  useEffect(() => {
    void reloadCatalog(); // it has the new model, where forms offer one
  }, [job.id]);
  if (versions.error?.status === 404 || (versions.data && !model))
    return <p class="card empty">{t("runs.gone")}</p>;
  if (!model) return null;
  return (
    <section class="card success" aria-labelledby="model-title">
      <h2 id="model-title">{t("training.done", { name: model.title })}</h2>
      <p>
        <code>{model.name}</code> {t("model.version", { n: model.version })}
      </p>
      <MeasuredOn job={job} />
      <Figures values={withIntervals(job)} />
      <BestWeights job={job} />
      <Notes of={notesOf(job)} />
      <Evaluation job={job} />
      {older && <p class="hint">{t("runs.newer", { old: older.version, n: model.version })}</p>}
      <div class="actions">
        <a class="button is-primary" href={`/t/${job.capability}?model=${model.name}@${model.version}`}>
          {t("model.use")}
          <Icon of={ArrowRight} />
        </a>
        <a class="button" href={`/models/${encodeURIComponent(model.name)}`}>
          {t("training.toModel")}
        </a>
        {capability?.audit_params && (
          <a class="button" href={auditAddress(job, nameOf(model))}>
            {t("nav.audit")}
          </a>
        )}
        {all.length > 1 && (
          <a class="button is-quiet" href={compareAddress(all.slice(0, 2).map(keyOfModel))}>
            {t("runs.compareVersions")}
          </a>
        )}
      </div>
    </section>
  );
}
