import { Play } from "lucide";
import { useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import { noteActivity } from "../../api/activity";
import type { Audited } from "../../api/audits";
import { api } from "../../api/client";
import { bodyOf, type ChosenDataset, queryOf, useTableUpload } from "../../api/datasets";
import { prefetchParts } from "../../api/prefetch";
import { defaultsOf, type Values, valuesIn } from "../../form/schema";
import { SchemaForm } from "../../form/schema-form";
import { useTable } from "../../form/table";
import { t } from "../../i18n";
import { onSubmit, useAction } from "../controls/action";
import { Icon } from "../controls/icon";
import { DataChoice } from "../datasets/data-choice";
import { DatasetChoice } from "../datasets/dataset-choice";
import { Notice } from "../shell/notice";
import { TableView } from "../tables/table-view";
import { Extent } from "./extent";
import { type AuditedModel, ModelField } from "./model-field";

interface AuditFormProps {
  capability: Audited;
  models: AuditedModel[]; // to choose from; none: the data alone is audited
  model: string | null;
  dataset: ChosenDataset | null;
  uploadId: string | null;
  onModel: (key: string) => void;
  onData: (data: Record<string, string>) => void;
}

/** The model, the data and the groups of an audit. */
export function AuditForm(props: AuditFormProps) {
  const { capability, models, model, dataset, uploadId, onModel, onData } = props;
  const { query, route } = useLocation();
  const schema = capability.audit_params;
  const textsOf = `${capability.name}.audit`;
  const [changed, setValues] = useState<Values>(() => valuesIn(query.params));
  const values = { ...defaultsOf(schema), ...changed };
  const { isBusy, error, fields, run } = useAction();
  const takes = capability.audits_on;
  const kinds = capability.audits_on_datasets;
  const datasetUpload = useTableUpload(takes && dataset ? dataset.id : null);
  const tableId = takes ? (uploadId ?? datasetUpload.data) : null;
  const table = useTable(tableId, schema, values, setValues, textsOf);
  const isReady = Boolean(dataset || uploadId);
  const start = async () => {
    const job = await api.createJob({
      capability: capability.name,
      task: "audit",
      model,
      inputs: takes && uploadId ? { [takes.name]: uploadId } : {},
      ...bodyOf(dataset),
      params: values,
    });
    noteActivity();
    void prefetchParts();
    route(`/r/${job.id}`);
  };
  return (
    <form class="audit-form" onSubmit={onSubmit(() => run(start))} aria-label={t("audits.new")}>
      {model && <ModelField models={models} chosen={model} error={fields.model} onChoose={onModel} />}
      {kinds.length > 0 && (
        <DatasetChoice
          kinds={kinds}
          chosen={dataset}
          error={fields.dataset_id ?? fields.dataset_version}
          onChoose={(next) => onData(queryOf(next))}
        />
      )}
      {takes && !dataset && (
        <DataChoice
          capability={capability}
          takes={{ ...takes, required: true }}
          legend={t("audits.table")}
          uploadId={uploadId}
          error={fields[takes.name] ?? fields.upload_id}
          onUpload={(id) => onData(id ? { upload: id } : {})}
        />
      )}
      {tableId && <TableView table={table} />}
      <SchemaForm
        textsOf={textsOf}
        schema={schema}
        values={values}
        errors={fields}
        columns={table.data?.columns}
        onChange={setValues}
      />
      {isReady && (
        <Extent
          capability={capability}
          dataset={tableId ? null : dataset}
          rows={table.data?.rows ?? null}
          isOfModel={model !== null}
          values={values}
        />
      )}
      {error && <Notice error={error} />}
      <p class="hint" role="status">
        {isReady ? "" : t("audits.chooseData")}
      </p>
      <button type="submit" class="button is-primary" disabled={isBusy || !isReady}>
        <Icon of={Play} />
        {t("audits.start")}
      </button>
    </form>
  );
}
