import { ChartLine, Plus } from "lucide";
import { useCapability, useCatalog } from "../../api/catalog";
import { api } from "../../api/client";
import { useResource } from "../../api/resource";
import { isFinal, type Job } from "../../api/types";
import { formatAgo, label, t } from "../../i18n";
import { spelled } from "../../i18n/metric-names";
import type { SweepAxis } from "../../stages/shapes";
import { Icon } from "../controls/icon";
import { progressText } from "../jobs/job-progress";
import { StatusBadge } from "../jobs/status-badge";
import { Notice } from "../shell/notice";

/** The user's sweeps and the examples that come along. */
export function SweepLists() {
  return (
    <>
      <header class="page-head is-split">
        <div>
          <h1>{t("sweeps.title")}</h1>
          <p class="lead">{t("sweeps.lead")}</p>
        </div>
        <a class="button is-primary" href="/sweeps/new">
          <Icon of={Plus} />
          {t("sweeps.new")}
        </a>
      </header>
      <div class="sweep-lists">
        <Own />
        <Examples />
      </div>
    </>
  );
}

function Own() {
  const jobs = useResource("sweeps", (signal) => api.jobs({ task: "sweep", limit: "50" }, signal));
  return (
    <section class="card" aria-labelledby="own-title">
      <h2 id="own-title">{t("sweeps.own")}</h2>
      {jobs.error && <Notice error={jobs.error} onRetry={jobs.reload} />}
      {jobs.data?.items.length === 0 && <p class="empty">{t("sweeps.noneYet")}</p>}
      <ul class="plain-list">
        {jobs.data?.items.map((job) => (
          <li key={job.id}>
            <Row job={job} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Row({ job }: { job: Job }) {
  const title = label(`${job.capability}.title`, useCapability(job.capability)?.title ?? job.capability).text;
  const axes = (job.params.axes ?? []) as SweepAxis[];
  const details = [
    job.name ? title : "",
    formatAgo(job.created_at),
    axes.map(({ param }) => spelled(param)).join(" × "),
    isFinal(job.status) ? "" : progressText(job),
  ];
  return (
    <a class="row-link" href={`/sweeps/${job.id}`}>
      <span>
        <strong>{job.name || title}</strong>
        <small>{details.filter(Boolean).join(" · ")}</small>
      </span>
      <StatusBadge status={job.status} />
    </a>
  );
}

function Examples() {
  const { items } = useCatalog();
  const examples = (items ?? []).flatMap((capability) =>
    capability.sweeps.map((sweep) => ({ capability, ...sweep })),
  );
  if (examples.length === 0) return null;
  return (
    <section class="card" aria-labelledby="examples-title">
      <h2 id="examples-title">{t("sweeps.examples")}</h2>
      <ul class="plain-list">
        {examples.map(({ capability, name, title }) => (
          <li key={`${capability.name} ${name}`}>
            <a class="row-link" href={`/sweeps/example/${capability.name}/${name}`}>
              <i class="no-thumb">
                <Icon of={ChartLine} />
              </i>
              <span>
                <strong>{label(`${capability.name}.sweeps.${name}.title`, title).text}</strong>
                <small>{label(`${capability.name}.title`, capability.title).text}</small>
              </span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
