import { Play, Plus, X } from "lucide";
import { useEffect, useRef, useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import { noteActivity } from "../../api/activity";
import { useCapability } from "../../api/catalog";
import { api } from "../../api/client";
import { type JobStream, useJobStream } from "../../api/job-stream";
import { useResource } from "../../api/resource";
import { type Sweep as SweepRead, sweeps } from "../../api/sweeps";
import { isFinal, type Job } from "../../api/types";
import { inputsOf } from "../../form/inputs";
import { label, message, t } from "../../i18n";
import { Sweep } from "../../stages/sweep/sweep";
import { useAction } from "../controls/action";
import { ConfirmButton } from "../controls/confirm-button";
import { CopyButton } from "../controls/copy-button";
import { Icon } from "../controls/icon";
import { JobFacts } from "../jobs/job-facts";
import { ProgressBar, progressText } from "../jobs/job-progress";
import { StatusBadge } from "../jobs/status-badge";
import { Placeholder } from "../pictures/placeholder";
import { Notice } from "../shell/notice";
import { useTitle } from "../shell/title";
import { useView } from "../workbench/view";
import { newAddress } from "./form/address";

const POLL_MS = 1000;

/** One sweep: its cells fill while it runs. */
export function SweepResult({ id }: { id: string }) {
  const [turn, setTurn] = useState(0); // a resumed sweep has a stream of its own
  return <SweepOf key={turn} id={id} onResume={() => setTurn(turn + 1)} />;
}

function SweepOf({ id, onResume }: { id: string; onResume: () => void }) {
  const stream = useJobStream(id);
  const { route } = useLocation();
  const job = stream.job.value;
  const { data, error } = usePolled(id, stream);
  const title = useKindTitle(job?.capability ?? "");
  useTitle(job?.name || title);
  const failure = stream.error.value;
  if (failure && !job) return <Notice isPage error={failure} onRetry={() => stream.start()} />;
  if (!job) return <Placeholder />;
  return (
    <>
      <header class="page-head is-split">
        <div>
          <h1>{job.name || title}</h1>
          {job.name && <p class="lead">{title}</p>}
        </div>
        <div class="actions">
          <CopyButton isLink title={t("action.copyLink")} text={() => location.href} />
          {data && <LikeThis data={data} job={job} />}
          {isFinal(job.status) && (
            <ConfirmButton
              title={t("action.delete")}
              onConfirm={() => api.deleteJob(id).then(() => route("/sweeps"))}
            />
          )}
        </div>
      </header>
      <State job={job} data={data} onCancel={() => stream.refresh()} onResume={onResume} />
      {error && !data && <Notice error={error} />}
      {data && <ResultCard data={data} id={id} />}
      {data && <JobFacts job={{ ...job, task: data.of, params: data.params }} />}
    </>
  );
}

/** The cells so far, again and again until the sweep has ended. */
function usePolled(id: string, stream: JobStream) {
  const sweep = useResource(`sweep ${id}`, (signal) => sweeps.get(id, signal));
  const latest = useRef(sweep);
  latest.current = sweep;
  const status = sweep.data?.status;
  const isOpen = status !== undefined && !isFinal(status);
  useEffect(() => {
    if (!isOpen) return;
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") latest.current.reload();
    }, POLL_MS);
    return () => clearInterval(timer);
  }, [isOpen]);
  useEffect(() => {
    if (status) void stream.refresh(); // the sweep has started, or ended
  }, [status]);
  return sweep;
}

const useKindTitle = (capability: string): string =>
  t("jobs.sweep", {
    name: label(`${capability}.title`, useCapability(capability)?.title ?? capability).text,
  });

interface StateProps {
  job: Job;
  data: SweepRead | null;
  onCancel: () => void;
  onResume: () => void;
}

/** How far it is, and the way to stop it or to go on. */
function State({ job, data, onCancel, onResume }: StateProps) {
  const { error, run } = useAction();
  const act = async (change: () => Promise<unknown>, onDone: () => void) => {
    if (await run(change)) onDone();
    noteActivity();
  };
  const ended = data?.cells.filter(({ status }) => isFinal(status)).length ?? 0;
  const missing = data?.cells.filter(({ status }) => status === "canceled").length ?? 0;
  if (isFinal(job.status) && job.status === "succeeded" && missing === 0) return null;
  return (
    <section class="card" aria-labelledby="state-title">
      <header class="card-head is-split">
        <h2 id="state-title">
          <span role="status">
            {job.status === "queued" || !data
              ? progressText(job)
              : t("sweeps.progress", { done: ended - missing, n: data.cells.length })}
          </span>
        </h2>
        <StatusBadge status={job.status} />
      </header>
      {!isFinal(job.status) && (
        <>
          <ProgressBar job={job} />
          <p class="hint">{t("state.mayLeave")}</p>
          <ConfirmButton
            title={t("sweeps.cancel")}
            question={t("sweeps.reallyCancel")}
            icon={X}
            isHarmless={job.status === "queued"}
            onConfirm={() => act(() => api.cancelJob(job.id), onCancel)}
          />
        </>
      )}
      {job.status === "failed" && <p class="error">{message(job.error_message, job.error ?? "").text}</p>}
      {error && <Notice error={error} />}
      {isFinal(job.status) && (
        <button
          type="button"
          class="button is-primary"
          onClick={() => act(() => sweeps.resume(job.id), onResume)}
        >
          <Icon of={Play} />
          {t("sweeps.resume")}
        </button>
      )}
    </section>
  );
}

function ResultCard({ data, id }: { data: SweepRead; id: string }) {
  const view = useView(id);
  return (
    <section class="card" aria-labelledby="result-title">
      <h2 id="result-title">{t("answer.result")}</h2>
      <Sweep data={data} view={view} />
    </section>
  );
}

function LikeThis({ data, job }: { data: SweepRead; job: Job | null }) {
  const [upload] = job ? Object.values(inputsOf(job)) : [];
  const source: Record<string, string> = {
    ...(job?.dataset_id ? { dataset: job.dataset_id } : upload && { upload }),
  };
  return (
    <a class="button is-quiet" href={newAddress(data, source)}>
      <Icon of={Plus} />
      {t("sweeps.startOwn")}
    </a>
  );
}

/** A finished sweep that comes along. */
export function ExampleSweep({ capability, name }: { capability: string; name: string }) {
  const sweep = useResource(`${capability} ${name}`, (signal) => sweeps.example(capability, name, signal));
  const card = useCapability(capability);
  const english = card?.sweeps.find((one) => one.name === name)?.title ?? name;
  const title = label(`${capability}.sweeps.${name}.title`, english).text;
  const kind = useKindTitle(capability);
  useTitle(title);
  if (sweep.error) return <Notice isPage error={sweep.error} onRetry={sweep.reload} />;
  if (!sweep.data) return <Placeholder />;
  return (
    <>
      <header class="page-head is-split">
        <div>
          <h1>{title}</h1>
          <p class="lead">{kind}</p>
        </div>
        <div class="actions">
          <CopyButton isLink title={t("action.copyLink")} text={() => location.href} />
          <LikeThis data={sweep.data} job={null} />
        </div>
      </header>
      <ResultCard data={sweep.data} id={`${capability}/${name}`} />
    </>
  );
}
