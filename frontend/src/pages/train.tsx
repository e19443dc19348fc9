import { Play } from "lucide";
import { useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import { noteActivity } from "../api/activity";
import { useCapability, useCatalog } from "../api/catalog";
import { api } from "../api/client";
import { bodyOf, type ChosenDataset, chosenIn, queryOf, takenKinds, useTableUpload } from "../api/datasets";
import { prefetchParts } from "../api/prefetch";
import { useResource } from "../api/resource";
import type { Capability, Job } from "../api/types";
import { onSubmit, useAction } from "../components/controls/action";
import { Icon } from "../components/controls/icon";
import { useLoaded } from "../components/controls/loaded";
import { DataChoice } from "../components/datasets/data-choice";
import { progressText } from "../components/jobs/job-progress";
import { useJobSettings } from "../components/jobs/job-settings";
import { keyFigure, keySettings } from "../components/jobs/job-summary";
import { StatusBadge } from "../components/jobs/status-badge";
import { Placeholder } from "../components/pictures/placeholder";
import { LabelFields, NO_LABELS } from "../components/runs/labels";
import { ModelNameField } from "../components/runs/model-name-field";
import { Notice } from "../components/shell/notice";
import { useTitle } from "../components/shell/title";
import { TableView } from "../components/tables/table-view";
import { CapabilityField } from "../components/workbench/capability-field";
import { defaultsOf, type Values, valuesIn } from "../form/schema";
import { SchemaForm } from "../form/schema-form";
import { useTable } from "../form/table";
import { formatAgo, label, t } from "../i18n";

/** Start a training; below it, those of before. */
export default function Train() {
  const { query, route } = useLocation();
  const { items, error } = useCatalog();
  useTitle(t("nav.train"));
  const trainable = items?.filter((item) => item.train_params) ?? [];
  const capability = trainable.find((item) => item.name === query.capability) ?? trainable[0];
  if (error && !items) return <Notice error={error} />;
  if (!items) return <Placeholder />;
  return (
    <>
      <header class="page-head">
        <h1>{t("train.title")}</h1>
        <p class="lead">{t("train.lead")}</p>
      </header>
      <div class="train">
        {capability ? (
          <TrainForm
            key={capability.name}
            capability={capability}
            trainable={trainable}
            uploadId={query.upload ?? null}
            dataset={chosenIn(query)}
            params={query.params}
            onChoose={(next) =>
              route(`/train?${new URLSearchParams({ capability: capability.name, ...next })}`, true)
            }
          />
        ) : (
          <p class="card empty">{t("train.nothing")}</p>
        )}
        <Trainings />
      </div>
    </>
  );
}

interface TrainFormProps {
  capability: Capability;
  trainable: Capability[];
  uploadId: string | null; // null: what the capability brings, or a dataset
  dataset: ChosenDataset | null;
  params: string | undefined; // of the training that this one changes
  /** Another capability, or another choice of data for this one. */
  onChoose: (next: Record<string, string>) => void;
}

function TrainForm({ capability, trainable, uploadId, dataset, params, onChoose }: TrainFormProps) {
  const { route } = useLocation();
  const schema = capability.train_params ?? {};
  const [values, setValues] = useState<Values>(() => ({ ...defaultsOf(schema), ...valuesIn(params) }));
  const [modelName, setModelName] = useState("");
  const [labels, setLabels] = useState(NO_LABELS);
  const { isBusy, error, fields, run } = useAction();
  const isTable = capability.trains_on?.kind === "table";
  const kinds = takenKinds(capability);
  const datasetUpload = useTableUpload(isTable && dataset ? dataset.id : null);
  const tableId = isTable ? (uploadId ?? datasetUpload.data) : null;
  const table = useTable(tableId, schema, values, setValues, `${capability.name}.train`);
  const DatasetChoice = useLoaded(() => import("../components/datasets/dataset-choice"))?.DatasetChoice;
  const start = async () => {
    const job = await api.createJob({
      capability: capability.name,
      task: "train",
      inputs: capability.trains_on && uploadId ? { [capability.trains_on.name]: uploadId } : {},
      ...bodyOf(dataset),
      params: values,
      ...labels,
      ...(modelName && { model_name: modelName }),
    });
    noteActivity();
    void prefetchParts();
    route(`/train/${job.id}`);
  };
  return (
    <form class="card" onSubmit={onSubmit(() => run(start))} aria-labelledby="train-title">
      <h2 id="train-title">{t("train.new")}</h2>
      <CapabilityField
        capabilities={trainable}
        chosen={capability}
        onChoose={(name) => onChoose({ capability: name })}
      />
      {kinds.length > 0 && DatasetChoice && (
        <DatasetChoice
          kinds={kinds}
          chosen={dataset}
          error={fields.dataset_id ?? fields.dataset_version}
          onChoose={(next) => onChoose(queryOf(next))}
        />
      )}
      {dataset ? null : capability.trains_on ? (
        <DataChoice
          capability={capability}
          takes={capability.trains_on}
          legend={t("train.learnFrom")}
          uploadId={uploadId}
          error={fields[capability.trains_on.name] ?? fields.upload_id}
          onUpload={(id) => onChoose(id ? { upload: id } : {})}
        />
      ) : (
        <p class="hint">{t("train.data")}</p>
      )}
      {tableId && <TableView table={table} />}
      <SchemaForm
        textsOf={`${capability.name}.train`}
        schema={schema}
        values={values}
        errors={fields}
        columns={table.data?.columns}
        onChange={setValues}
      />
      <ModelNameField
        capability={capability.name}
        value={modelName}
        error={fields.model_name}
        onChange={setModelName}
      />
      <details class="facts-more">
        <summary>{t("runs.add")}</summary>
        <div class="run-form">
          <LabelFields labels={labels} onChange={setLabels} />
        </div>
      </details>
      {error && <Notice error={error} />}
      <button
        type="submit"
        class="button is-primary"
        disabled={isBusy || (capability.trains_on?.required && !uploadId && !dataset)}
      >
        <Icon of={Play} />
        {t("train.start")}
      </button>
    </form>
  );
}

function Trainings() {
  const jobs = useResource("trainings", (signal) => api.jobs({ task: "train", limit: "12" }, signal));
  return (
    <section class="card" aria-labelledby="trainings-title">
      <h2 id="trainings-title">{t("train.before")}</h2>
      {jobs.data?.items.length === 0 && <p class="empty">{t("train.none")}</p>}
      <ul class="plain-list">
        {jobs.data?.items.map((job) => (
          <li key={job.id}>
            <TrainingRow job={job} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function TrainingRow({ job }: { job: Job }) {
  const title = label(`${job.capability}.title`, useCapability(job.capability)?.title ?? job.capability).text;
  const settings = keySettings(useJobSettings(job));
  const state = job.status === "running" ? progressText(job) : keyFigure(job);
  const details = [job.name ? title : "", formatAgo(job.created_at), ...settings, state ?? ""];
  return (
    <a class="row-link" href={`/train/${job.id}`}>
      <span>
        <strong>{job.name || title}</strong>
        <small>{details.filter(Boolean).join(" · ")}</small>
      </span>
      <StatusBadge status={job.status} />
    </a>
  );
}
