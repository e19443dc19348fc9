import { RotateCcw } from "lucide";
import { newAuditAddress } from "../../api/audits";
import { useCapability } from "../../api/catalog";
import { api } from "../../api/client";
import { datasets } from "../../api/datasets";
import { useResource } from "../../api/resource";
import type { Job } from "../../api/types";
import { inputsOf } from "../../form/inputs";
import { changedValues, type Values } from "../../form/schema";
import { loadTopic, t } from "../../i18n";
import { Icon } from "../controls/icon";
import { AddToCard } from "./add-to-card";
import "../../style/audits.css";

await loadTopic({ en: () => import("../../i18n/en/audits"), de: () => import("../../i18n/de/audits") });

/** What an audit was about, and what is made of it: another one, or a section of the model's card. */
export function AuditAside({ job }: { job: Job }) {
  const { model, dataset_id, dataset_version } = job;
  const schema = useCapability(job.capability)?.audit_params;
  const dataset = useResource(dataset_id, (signal) => datasets.get(dataset_id ?? "", signal));
  const [upload] = Object.values(inputsOf(job));
  const table = useResource(upload ?? null, (signal) => api.upload(upload, signal));
  const params = changedValues(schema ?? {}, job.params as Values);
  const again = newAuditAddress({
    of: model ? "model" : "dataset",
    ...(model && { model: `${model.name}@${model.version}` }),
    ...(dataset_id && { dataset: dataset_id, dataset_version: String(dataset_version) }),
    ...(upload && { upload }),
    ...(Object.keys(params).length > 0 && { params: JSON.stringify(params) }),
  });
  return (
    <section class="card" aria-labelledby="audited-title">
      <h2 id="audited-title">{t("audits.audited")}</h2>
      <dl class="facts">
        {model && (
          <>
            <dt>{t("model.model")}</dt>
            <dd>
              <a href={`/models/${encodeURIComponent(model.name)}`}>{model.name}</a>{" "}
              {t("model.version", { n: model.version })}
            </dd>
          </>
        )}
        {dataset_id && (
          <>
            <dt>{t("facts.dataset")}</dt>
            <dd>
              <a href={`/datasets/${dataset_id}`}>{dataset.data?.name ?? "…"}</a>{" "}
              {t("model.version", { n: dataset_version ?? 0 })}
            </dd>
          </>
        )}
        {upload && (
          <>
            <dt>{t("audits.table")}</dt>
            <dd>
              <a href={table.data?.url}>{table.data?.name ?? "…"}</a>
            </dd>
          </>
        )}
      </dl>
      <div class="actions">
        <a class="button is-small" href={again}>
          <Icon of={RotateCcw} size={16} />
          {t("audits.again")}
        </a>
      </div>
      {model && job.status === "succeeded" && <AddToCard job={job} model={model.name} />}
    </section>
  );
}
