import { useLocation } from "preact-iso";
import { datasets } from "../api/datasets";
import { firstItems } from "../api/lists";
import { useResource } from "../api/resource";
import type { DatasetKind, Job, Part } from "../api/types";
import { SearchField } from "../components/controls/search-field";
import { CheckProgress } from "../components/datasets/check-progress";
import { CreateDataset } from "../components/datasets/create-form";
import { DatasetCard } from "../components/datasets/dataset-card";
import { Placeholder } from "../components/pictures/placeholder";
import { Notice } from "../components/shell/notice";
import { useTitle } from "../components/shell/title";
import { loadTopic, message, t } from "../i18n";
import "../style/datasets.css";

await loadTopic({ en: () => import("../i18n/en/datasets"), de: () => import("../i18n/de/datasets") });

const KINDS: DatasetKind[] = ["classes", "boxes", "masks", "pictures", "table"];
const PAGE = 24;
const FILTERS = ["name", "kind"] as const;

/** Every dataset, and the way to a new one; `?check=` is an import under way. */
export default function Datasets() {
  const { query, route } = useLocation();
  const filter = Object.fromEntries(FILTERS.filter((name) => query[name]).map((name) => [name, query[name]]));
  const shown = Number(query.shown) || PAGE;
  const list = useResource(`${JSON.stringify(filter)} ${shown}`, (signal) =>
    firstItems((page) => datasets.list({ ...filter, ...page }, signal), shown),
  );
  useTitle(t("nav.datasets"));
  const goTo = (next: Record<string, string>) => {
    const given = Object.entries({ ...filter, ...next }).filter(([, value]) => value);
    const text = new URLSearchParams(Object.fromEntries(given)).toString();
    route(text ? `/datasets?${text}` : "/datasets", true);
  };
  return (
    <>
      <header class="page-head is-split">
        <div>
          <h1>{t("nav.datasets")}</h1>
          <p class="lead">{t("datasets.lead")}</p>
          <a class="button to-create" href="#create-title">
            {t("datasets.new")}
          </a>
        </div>
        <div class="filters" role="search">
          <SearchField
            label={t("datasets.search")}
            value={query.name ?? ""}
            onSearch={(name) => goTo({ name })}
          />
          <div class="field is-inline">
            <label for="kind-filter">{t("datasets.kind")}</label>
            <select
              id="kind-filter"
              value={query.kind ?? ""}
              onChange={(event) => goTo({ kind: event.currentTarget.value })}
            >
              <option value="">{t("datasets.all")}</option>
              {KINDS.map((kind) => (
                <option key={kind} value={kind}>
                  {t(`datasets.kind.${kind}`)}
                </option>
              ))}
            </select>
          </div>
        </div>
      </header>
      {query.check && (
        <Import key={query.check} id={query.check} onEnd={list.reload} onDismiss={() => goTo({})} />
      )}
      <div class="datasets">
        <div class="dataset-list">
          {list.error && !list.data && <Notice error={list.error} onRetry={list.reload} />}
          {!list.data && !list.error && <Placeholder />}
          {list.data?.items.length === 0 && (
            <p class="card empty">
              {t(Object.keys(filter).length > 0 ? "datasets.noneFound" : "datasets.none")}
            </p>
          )}
          <ul class="dataset-cards">
            {list.data?.items.map((dataset) => (
              <li key={dataset.id} class="dataset-card">
                <DatasetCard dataset={dataset} />
              </li>
            ))}
          </ul>
          {list.data?.next_cursor && (
            <button type="button" class="button" onClick={() => goTo({ shown: String(shown + PAGE) })}>
              {t("datasets.more")}
            </button>
          )}
        </div>
        <CreateDataset
          onCreated={({ id, job_id }) => route(job_id ? `/datasets?check=${job_id}` : `/datasets/${id}`)}
        />
      </div>
    </>
  );
}

interface ImportProps {
  id: string;
  onEnd: () => void;
  onDismiss: () => void;
}

/** The import of a file: how far it is, and then the recognized form, or the reason of a refusal. */
function Import({ id, onEnd, onDismiss }: ImportProps) {
  const dismiss = (
    <button type="button" class="button is-small is-quiet" onClick={onDismiss}>
      {t("datasets.dismiss")}
    </button>
  );
  return (
    <section class="card dataset-import" aria-labelledby="import-title">
      <h2 id="import-title">{t("datasets.import")}</h2>
      <CheckProgress
        id={id}
        failed={t("datasets.importFailed")}
        canceled={t("datasets.importCanceled")}
        onEnd={onEnd}
        advice={
          <>
            <p class="hint">{t("datasets.nothingKept")}</p>
            {dismiss}
          </>
        }
        done={(job) => <Imported job={job} dismiss={dismiss} />}
      />
    </section>
  );
}

interface ImportResult {
  dataset?: { id: string; version: number };
  report?: { problems: unknown[] };
  recognized?: string;
  messages?: Record<string, Part[]>;
}

function Imported({ job, dismiss }: { job: Job; dismiss: preact.JSX.Element }) {
  const { dataset, report, recognized, messages } = (job.result ?? {}) as ImportResult;
  const problems = report?.problems.length ?? 0;
  const text = recognized && message(messages?.["/recognized"], recognized);
  return (
    <>
      <p>
        <strong>{t("datasets.imported")}</strong>
      </p>
      {text && <p lang={text.lang}>{text.text}</p>}
      <div class="actions">
        {dataset && (
          <a class="button is-small is-primary" href={`/datasets/${dataset.id}`}>
            {t("datasets.open")}
          </a>
        )}
        {dataset && problems > 0 && (
          <a class="button is-small" href={`/datasets/${dataset.id}?tab=versions`}>
            {t("datasets.problems", { n: problems })}
          </a>
        )}
        {dismiss}
      </div>
    </>
  );
}
