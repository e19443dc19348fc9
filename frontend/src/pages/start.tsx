import {
  ArrowRight,
  Box as BoxIcon,
  ChartScatter,
  Image as ImageIcon,
  ScanSearch,
  Sparkles,
  Table2,
} from "lucide";
import { useCatalog } from "../api/catalog";
import { api } from "../api/client";
import { useResource } from "../api/resource";
import type { Capability, Job } from "../api/types";
import { Icon } from "../components/controls/icon";
import { useLoaded } from "../components/controls/loaded";
import { Placeholder } from "../components/pictures/placeholder";
import { Answer, useAnswerContext } from "../components/results/answer";
import type { Box } from "../components/results/box";
import { Notice } from "../components/shell/notice";
import { useTitle } from "../components/shell/title";
import { addressOf, useView } from "../components/workbench/view";
import { label, type Translation, t } from "../i18n";

/** A finished answer to play with, what else can be done, and the last results. */
export default function Start() {
  const { items, error } = useCatalog();
  const shown = sampleOf(items);
  // below what is looked at first
  const Own = useLoaded(() => import("../components/workbench/own-input"))?.OwnInput;
  const LastResults = useLoaded(() => import("../components/jobs/last-results"))?.LastResults;
  useTitle("");
  return (
    <>
      <header class="hero">
        <h1>{t("start.title")}</h1>
        <p class="lead">{t("start.lead")}</p>
      </header>
      {error && !items && <Notice error={error} />}
      <div class="bench is-start">
        {shown ? (
          <SampleResult
            jobId={shown.jobId}
            title={label(`${shown.capability.name}.samples.${shown.sample.name}.title`, shown.sample.title)}
          />
        ) : (
          <StartPlaceholder items={items} />
        )}
        {shown && Own && (
          <section class="card bench-own" aria-labelledby="own-title">
            <h2 id="own-title">{t("workbench.invite")}</h2>
            <Own capability={shown.capability} />
          </section>
        )}
        <div class="bench-input">
          <section class="card" aria-labelledby="tasks-title">
            <h2 id="tasks-title">{t("start.pick")}</h2>
            <ul class="tasks">
              {items?.map((capability) => (
                <li key={capability.name}>
                  <TaskCard capability={capability} />
                </li>
              ))}
            </ul>
          </section>
        </div>
      </div>
      {LastResults && <LastResults />}
    </>
  );
}

function sampleOf(items: Capability[] | null) {
  for (const capability of items ?? []) {
    const sample = capability.samples.find((one) => one.job_id);
    if (sample?.job_id) return { jobId: sample.job_id, sample, capability };
  }
  return null;
}

function StartPlaceholder({ items }: { items: Capability[] | null }) {
  if (!items) return <Placeholder />;
  return (
    <div class="stage-main empty">
      <p>{t("start.noSample")}</p>
      {items[0] && (
        <a class="button is-primary" href={`/t/${items[0].name}`}>
          {t("start.tryOne")}
        </a>
      )}
    </div>
  );
}

/** The same parts as a result page, on a job that is finished before anyone came. */
function SampleResult({ jobId, title }: { jobId: string; title: Translation }) {
  const job = useResource(jobId, (signal) => api.job(jobId, signal));
  const context = useAnswerContext(job.data, useKeptBox(job.data));
  const view = useView(jobId);
  if (job.error) return <Notice error={job.error} onRetry={job.reload} />;
  if (!job.data) return <Placeholder />;
  const open = () => `/r/${jobId}/box${addressOf(view).replace(location.pathname, "")}`;
  return (
    <>
      <Answer job={job.data} context={context} view={view} part="sample" />
      <div class="card bench-below is-row">
        <p>
          <strong lang={title.lang}>{title.text}</strong>
          <span class="hint">{t("start.openHint")}</span>
        </p>
        <a
          class="button is-primary"
          href={`/r/${jobId}/box`}
          onClick={(event) => {
            event.currentTarget.href = open(); // with the view as it is set now
          }}
        >
          <Icon of={BoxIcon} />
          {t("start.open")}
          <Icon of={ArrowRight} />
        </a>
      </div>
    </>
  );
}

/** The stages of a sample, which are kept with its answer. */
function useKeptBox(job: Job | null): Box {
  const id = job?.inspect ? job.id : null;
  const { data, error } = useResource(id, (signal) => api.inspection(id ?? "", signal));
  const inspection = data && "stages" in data ? data : null;
  return { inspection, error, isOpening: false, failure: null, open: null };
}

const ICONS = {
  boxes: ScanSearch,
  image: ImageIcon,
  comparison: ImageIcon,
  mask: ImageIcon,
  table: Table2,
  curve: ChartScatter,
  "scatter-steps": ChartScatter,
};

function TaskCard({ capability }: { capability: Capability }) {
  const icon = ICONS[capability.produces[0] as keyof typeof ICONS] ?? Sparkles;
  return (
    <a
      class="task"
      href={`/t/${capability.name}`}
      title={label(`${capability.name}.summary`, capability.summary).text}
    >
      <Icon of={icon} size={20} />
      {label(`${capability.name}.title`, capability.title).text}
    </a>
  );
}
