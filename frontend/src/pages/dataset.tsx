import { Scale, Tag } from "lucide";
import { useState } from "preact/hooks";
import { useLocation, useRoute } from "preact-iso";
import { type Audited, auditedModels, auditors, newAuditAddress } from "../api/audits";
import { useCatalog } from "../api/catalog";
import { ApiError } from "../api/client";
import { datasets } from "../api/datasets";
import { useResource } from "../api/resource";
import type { Dataset } from "../api/types";
import { ConfirmButton } from "../components/controls/confirm-button";
import { Icon } from "../components/controls/icon";
import { Rename } from "../components/controls/rename";
import { ClassList } from "../components/datasets/class-list";
import { countsOf, DatasetTags } from "../components/datasets/dataset-card";
import { Description } from "../components/datasets/description";
import { PicturesTab } from "../components/datasets/pictures-tab";
import { TableTab } from "../components/datasets/table-tab";
import { TrainChoice } from "../components/datasets/train-choice";
import { Versions } from "../components/datasets/versions";
import { Placeholder } from "../components/pictures/placeholder";
import { Notice } from "../components/shell/notice";
import { errorText } from "../components/shell/problem-texts";
import { useTitle } from "../components/shell/title";
import { loadTopic, t } from "../i18n";
import "../style/datasets.css";

await loadTopic({ en: () => import("../i18n/en/datasets"), de: () => import("../i18n/de/datasets") });

const TABS = ["pictures", "classes", "versions", "train"] as const;
type Tab = (typeof TABS)[number];

/** One dataset: its pictures, classes and versions, and where it can be trained on. */
export default function DatasetPage() {
  const { params } = useRoute();
  return <DatasetOf key={params.id} id={params.id} />;
}

function DatasetOf({ id }: { id: string }) {
  const { query, route } = useLocation();
  const loaded = useResource(id, (signal) => datasets.get(id, signal));
  const [problem, setProblem] = useState<string | null>(null);
  const dataset = loaded.data;
  useTitle(dataset?.name ?? t("nav.datasets"));
  if (loaded.error && !dataset)
    return <Notice isPage error={goneIfNoId(loaded.error)} onRetry={loaded.reload} />;
  if (!dataset) return <Placeholder />;
  const tabs = TABS.filter((tab) => tab !== "classes" || !["table", "pictures"].includes(dataset.kind));
  const tab = tabs.find((one) => one === query.tab) ?? "pictures";
  const remove = async () => {
    try {
      await datasets.remove(id);
      route("/datasets");
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setProblem(errorText(error));
    }
  };
  const change = async (body: Parameters<typeof datasets.change>[1]) => {
    await datasets.change(id, body);
    loaded.reload();
  };
  const counts = countsOf(dataset);
  return (
    <>
      <header class="page-head is-split">
        <div class="dataset-head">
          <div class="with-rename">
            <h1>{dataset.name}</h1>
            <Rename value={dataset.name} onRename={(name) => change({ name })} />
          </div>
          <DatasetTags dataset={dataset} />
          {counts.length > 0 && <p class="hint">{counts.join(" · ")}</p>}
          <Description value={dataset.description} onSave={(description) => change({ description })} />
        </div>
        <div class="actions">
          {dataset.pictures > 0 && ["classes", "boxes", "masks"].includes(dataset.kind) && (
            <a class="button" href={`/datasets/${id}/label`}>
              <Icon of={Tag} />
              {t("dataset.label")}
            </a>
          )}
          <AuditLinks dataset={dataset} />
          <ConfirmButton title={t("dataset.delete")} onConfirm={remove} />
        </div>
      </header>
      {problem && (
        <p class="error" role="alert">
          {problem}
        </p>
      )}
      <nav class="page-tabs" aria-label={t("dataset.tabs")}>
        {tabs.map((one) => (
          <a
            key={one}
            href={`/datasets/${id}${one === "pictures" ? "" : `?tab=${one}`}`}
            aria-current={one === tab ? "page" : undefined}
          >
            {t(one === "pictures" && dataset.kind === "table" ? "dataset.tab.table" : `dataset.tab.${one}`)}
          </a>
        ))}
      </nav>
      <TabOf tab={tab} dataset={dataset} reload={loaded.reload} />
    </>
  );
}

/** The audits that read the newest version of a dataset: of the data alone, and of a model on it. */
function AuditLinks({ dataset: { id, kind, newest_version } }: { dataset: Dataset }) {
  const { items } = useCatalog();
  const { ofData, ofModels } = auditors(items ?? []);
  const fits = (capability: Audited | null) => capability?.audits_on_datasets.includes(kind);
  const able = ofModels.find((capability) => fits(capability) && auditedModels(capability).length > 0);
  if (newest_version === null) return null;
  return (
    <>
      {fits(ofData) && (
        <a class="button is-quiet" href={newAuditAddress({ of: "dataset", dataset: id })}>
          <Icon of={Scale} />
          {t("dataset.audit")}
        </a>
      )}
      {able && (
        <a
          class="button is-quiet"
          href={newAuditAddress({ of: "model", capability: able.name, dataset: id })}
        >
          {t("dataset.auditModel")}
        </a>
      )}
    </>
  );
}

function TabOf({ tab, dataset, reload }: { tab: Tab; dataset: Dataset; reload: () => void }) {
  if (tab === "classes") return <ClassList dataset={dataset} onChange={reload} />;
  if (tab === "versions") return <Versions dataset={dataset} onChange={reload} />;
  if (tab === "train") return <TrainChoice dataset={dataset} />;
  if (dataset.kind === "table") return <TableTab dataset={dataset} />;
  return <PicturesTab dataset={dataset} onChange={reload} />;
}

/** An address that is no id at all is as gone as one that is no dataset's. */
const goneIfNoId = (error: ApiError): ApiError =>
  error.status === 422 ? new ApiError(404, error.problem) : error;
