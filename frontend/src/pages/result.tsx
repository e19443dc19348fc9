import { useEffect } from "preact/hooks";
import { useLocation, useRoute } from "preact-iso";
import { useCatalog } from "../api/catalog";
import { useJobStream } from "../api/job-stream";
import { type Capability, isFinal, type Job } from "../api/types";
import { CodeTabs } from "../components/controls/code-tabs";
import { Answer, type AnswerContext, useAnswerContext } from "../components/jobs/answer";
import { JobFacts } from "../components/jobs/job-facts";
import { JobFailure } from "../components/jobs/job-failure";
import { JobProgress } from "../components/jobs/job-progress";
import { OpenBox } from "../components/jobs/open-box";
import { ResultActions } from "../components/jobs/result-actions";
import { Placeholder } from "../components/pictures/placeholder";
import { Notice } from "../components/shell/notice";
import { useTitle } from "../components/shell/title";
import { useView, type View } from "../components/workbench/view";
import { InputPicker, Settings, useBench } from "../components/workbench/workbench";
import { changedValues, type Values } from "../form/schema";
import { said, t } from "../i18n";

/** One job's answer, at an address that stays. */
export default function Result() {
  const { params } = useRoute();
  return <ResultOf key={params.id} id={params.id} />;
}

function ResultOf({ id }: { id: string }) {
  const { path, route } = useLocation();
  const stream = useJobStream(id);
  const job = stream.job.value;
  const context = useAnswerContext(job);
  const view = useView(id);
  const capability = useCatalog().items?.find((item) => item.name === job?.capability) ?? null;
  const bench = useBench(capability, job);
  const subject = context.upload.data?.name ?? "";
  useTitle(job ? `${said(capability?.title ?? job.capability)}: ${subject}` : "");
  useEffect(() => {
    if (job?.task === "train") route(`/train/${id}`, true);
  }, [job?.task]);

  const error = stream.error.value;
  if (error && !job)
    return <Notice isPage error={error} onRetry={error.status === 404 ? undefined : () => stream.start()} />;
  if (!job) return <Placeholder isSlow={false} />;
  const inspection = job.status === "succeeded" ? context.inspection.data : null;
  return (
    <>
      <header class="page-head is-split">
        <div>
          <h1>{said(capability?.title ?? job.capability)}</h1>
          <p class="lead">{subject}</p>
        </div>
        <ResultActions job={job} context={context} view={view} />
      </header>
      <div class="bench">
        <ResultBody job={job} context={context} view={view} stream={stream} onAgain={bench.runWith} />
        <div class="bench-input">
          <section class="card" aria-labelledby="input-title">
            <h2 id="input-title">{t(capability?.accepts === "table" ? "bench.table" : "bench.picture")}</h2>
            <InputPicker bench={bench} uploadId={job.upload_id} />
          </section>
          <Settings bench={bench} job={job} isOpen={false} />
        </div>
        {capability && (
          <section class="card bench-below" aria-labelledby="code-title">
            <h2 id="code-title">{t("code.title")}</h2>
            <CodeTabs call={callOf(capability, job, subject, bench.values, view)} />
          </section>
        )}
      </div>
      {inspection && (
        <OpenBox
          inspection={inspection}
          picture={context.picture}
          input={context.input}
          view={view}
          isFirst={path.endsWith("/box")}
        />
      )}
      {context.inspection.error && (
        <Notice error={context.inspection.error} onRetry={context.inspection.reload} />
      )}
      <JobFacts job={job} />
    </>
  );
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

/** Live thresholds are params of the same names: the snippet asks for what the picture shows. */
function callOf(capability: Capability, job: Job, file: string, values: Values, view: View) {
  const live: Values = {};
  if (view.score.value !== null && "score" in values) live.score = view.score.value;
  if (view.iou.value !== null && "iou" in values) live.iou = view.iou.value;
  return {
    origin: location.origin,
    capability: job.capability,
    file: file || "picture.jpg",
    model:
      job.model && !capability.models.find((model) => model.name === job.model?.name)?.is_default
        ? job.model.name
        : null,
    params: changedValues(capability.predict_params, { ...values, ...live }),
  };
}
