import { ArrowRight } from "lucide";
import { useCatalog } from "../../api/catalog";
import { api } from "../../api/client";
import { takenKinds } from "../../api/datasets";
import { useResource } from "../../api/resource";
import type { Dataset } from "../../api/types";
import { label, t } from "../../i18n";
import { Icon } from "../controls/icon";
import { JobRow } from "../jobs/job-row";

/** The capabilities that can learn from a dataset, and the trainings on it. */
export function TrainChoice({ dataset }: { dataset: Dataset }) {
  return (
    <>
      <Able dataset={dataset} />
      <Trainings of={dataset.id} />
    </>
  );
}

function Trainings({ of }: { of: string }) {
  const jobs = useResource(`trainings of ${of}`, (signal) =>
    api.jobs({ task: "train", dataset: of }, signal),
  );
  if (!jobs.data?.items.length) return null;
  return (
    <section class="card" aria-labelledby="trainings-title">
      <h2 id="trainings-title">{t("fit.trainings")}</h2>
      <ul class="plain-list">
        {jobs.data.items.map((job) => (
          <li key={job.id}>
            <JobRow job={job} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Able({ dataset }: { dataset: Dataset }) {
  const { items } = useCatalog();
  const { newest_version: version } = dataset;
  if (!items) return null;
  const able = items.filter((item) => takenKinds(item).includes(dataset.kind));
  return (
    <section class="card" aria-labelledby="fit-title">
      <h2 id="fit-title">{t("dataset.tab.train")}</h2>
      <p class="hint">{t(able.length > 0 ? "fit.lead" : "fit.none")}</p>
      {able.length > 0 && version === null && (
        <p>
          {t("fit.first")} <a href={`/datasets/${dataset.id}?tab=versions`}>{t("versions.make")}</a>
        </p>
      )}
      {version !== null && dataset.is_changed && <p>{t("fit.changed", { n: version })}</p>}
      <ul class="plain-list">
        {able.map((item) => {
          const title = label(`${item.name}.title`, item.title);
          const summary = label(`${item.name}.summary`, item.summary);
          return (
            <li key={item.name} class="is-row">
              <div class="dataset-fit">
                <strong lang={title.lang}>{title.text}</strong>
                <small lang={summary.lang}>{summary.text}</small>
              </div>
              <a
                class="button is-small"
                href={`/train?${new URLSearchParams({ capability: item.name, dataset: dataset.id })}`}
                aria-label={`${t("fit.train")}: ${title.text}`}
              >
                {t("fit.train")}
                <Icon of={ArrowRight} size={16} />
              </a>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
