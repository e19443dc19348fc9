import { useEffect } from "preact/hooks";
import { useLocation, useRoute } from "preact-iso";
import { jobAddress } from "../api/addresses";
import { useCatalog } from "../api/catalog";
import { api } from "../api/client";
import { useJobStream } from "../api/job-stream";
import { type Capability, isFinal, type Job, type JobReview } from "../api/types";
import { useLoaded } from "../components/controls/loaded";
import { Rename } from "../components/controls/rename";
import { JobFailure } from "../components/jobs/job-failure";
import { JobProgress } from "../components/jobs/job-progress";
import { Placeholder } from "../components/pictures/placeholder";
import { Answer, type AnswerContext, useAnswerContext } from "../components/results/answer";
import { BoxPlace } from "../components/results/box-place";
import { KnownLabels } from "../components/results/known-labels";
import { Notes, notesOf } from "../components/results/notes";
import { ResultActions } from "../components/results/result-actions";
import { ShownJob } from "../components/results/shown-job";
import { Unlike } from "../components/results/unlike";
import { useBox } from "../components/results/use-box";
import { Notice } from "../components/shell/notice";
import { useTitle } from "../components/shell/title";
import { useBench } from "../components/workbench/bench";
import { InputPicker } from "../components/workbench/input-picker";
import { Settings } from "../components/workbench/settings";
import { useView, type View } from "../components/workbench/view";
import { inOrder, onlyInput } from "../form/inputs";
import type { Values } from "../form/schema";
import { label, t } from "../i18n";

/** One job's answer, at an address that stays. */
export default function Result() {
  const { params } = useRoute();
  return <ResultOf key={params.id} id={params.id} />;
}

function ResultOf({ id }: { id: string }) {
  const { path, query, route } = useLocation();
  const stream = useJobStream(id);
  const job = stream.job.value;
  const isAboutBox = path.endsWith("/box");
  const { box, opening } = useBox(job, isAboutBox || "stage" in query);
  const context = useAnswerContext(job, box);
  const view = useView(id);
  const Facts = useLoaded(() => import("../components/jobs/job-facts"))?.JobFacts;
  const Code = useLoaded(() => import("../components/results/code-place"))?.CodePlace;
  const capability = useCatalog().items?.find((item) => item.name === job?.capability) ?? null;
  const bench = useBench(capability, job);
  const names = namesOf(context);
  const subject = inOrder(capability, names).join(", ");
  const what = label(`${job?.capability}.title`, capability?.title ?? job?.capability ?? "").text;
  const audit = job?.model ? `${t("nav.audit")}: ${what}` : t("nav.audit"); // of data alone: no capability
  const title = job?.task === "audit" ? audit : what;
  useTitle(job ? [title, job.name || subject].filter(Boolean).join(": ") : "");
  const rename = (to: string) => api.editJob(id, { name: to }).then(() => stream.refresh());
  useEffect(() => {
    if (job && jobAddress(job) !== `/r/${id}`) route(jobAddress(job), true);
  }, [job?.task]);

  const error = stream.error.value;
  if (error && !job) return <Notice isPage error={error} onRetry={() => stream.start()} />;
  if (!job) return <Placeholder />;
  const isPrediction = job.task === "predict";
  const limits = label(`${job.capability}.limits`, capability?.limits ?? "");
  return (
    <ShownJob.Provider value={job}>
      <header class="page-head is-split">
        <div>
          <h1>{title}</h1>
          {(job.name || subject) && (
            <div class="with-rename">
              <p class="lead">{job.name || subject}</p>
              <Rename value={job.name || subject} onRename={rename} />
            </div>
          )}
        </div>
        <ResultActions job={job} context={context} view={view} exports={capability?.exports} />
      </header>
      {job.status === "succeeded" && <Unlike job={job} bench={bench} box={box} view={view} />}
      {job.review && <Review of={job.review} />}
      <div class="bench">
        <ResultBody job={job} context={context} view={view} stream={stream} onAgain={bench.runWith} />
        <div class="bench-input">
          {isPrediction && capability && capability.inputs.length + capability.samples.length > 0 && (
            <section class="card" aria-labelledby="input-title">
              <h2 id="input-title">{inputsTitle(capability)}</h2>
              <InputPicker bench={bench} />
            </section>
          )}
          {isPrediction ? <Settings bench={bench} job={job} isOpen={false} /> : <Audit job={job} />}
        </div>
        <div class="bench-below">
          {job.status === "succeeded" && job.result?.image != null && <Notes of={notesOf(job)} />}
          {isPrediction && job.status === "succeeded" && <KnownLabels job={job} />}
          {capability && (
            <p class="hint" lang={limits.lang}>
              <strong>{t("workbench.limits")}:</strong> {limits.text}
            </p>
          )}
          {isPrediction && capability && Code && (
            <Code capability={capability} job={job} names={names} values={bench.values} view={view} />
          )}
        </div>
      </div>
      <BoxPlace context={context} opening={opening} view={view} isFirst={isAboutBox} />
      {Facts && <Facts job={job} />}
    </ShownJob.Provider>
  );
}

/** That the answer waits for a person, or what one decided; few answers have it. */
function Review({ of: review }: { of: JobReview }) {
  const State = useLoaded(() => import("../components/reviews/review-state"))?.ReviewState;
  return State ? <State review={review} /> : null;
}

/** What was audited, beside the answer; few results are audits. */
function Audit({ job }: { job: Job }) {
  const Aside = useLoaded(() => import("../components/audits/audit-aside"))?.AuditAside;
  return Aside ? <Aside job={job} /> : null;
}

/** What the uploads are called, by the inputs' names. */
const namesOf = ({ uploads }: AnswerContext): Record<string, string> =>
  Object.fromEntries(Object.entries(uploads.data ?? {}).map(([input, { name }]) => [input, name]));

function inputsTitle(capability: Capability): string {
  if (capability.inputs.length === 0) return t("bench.samples");
  const only = onlyInput(capability);
  return t(only ? (only.kind === "table" ? "bench.table" : "bench.picture") : "bench.inputs");
}

interface ResultBodyProps {
  job: Job;
  context: AnswerContext;
  view: View;
  stream: ReturnType<typeof useJobStream>;
  onAgain: (params: Values) => void;
}

function ResultBody({ job, context, view, stream, onAgain }: ResultBodyProps) {
  if (!isFinal(job.status))
    return (
      <JobProgress
        job={job}
        link={stream.link.value}
        picture={context.picture}
        onChange={() => stream.refresh()}
      />
    );
  if (job.status === "succeeded")
    return <Answer job={job} context={context} view={view} part="answer" onAgain={onAgain} />;
  return <JobFailure job={job} picture={context.picture} />;
}
