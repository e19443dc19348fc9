import { useLocation } from "preact-iso";
import { auditors, newAuditAddress } from "../api/audits";
import { useCatalog } from "../api/catalog";
import { chosenIn } from "../api/datasets";
import { AuditForm } from "../components/audits/audit-form";
import { modelsOf } from "../components/audits/model-field";
import { Choice } from "../components/controls/choice";
import { Placeholder } from "../components/pictures/placeholder";
import { Notice } from "../components/shell/notice";
import { useTitle } from "../components/shell/title";
import { loadTopic, t } from "../i18n";
import "../style/audits.css";

await loadTopic({ en: () => import("../i18n/en/audits"), de: () => import("../i18n/de/audits") });

const SUBJECTS = ["model", "dataset"] as const;

/** What is audited, on which data, by which groups. The choice is in the address. */
export default function NewAudit() {
  const { query, route } = useLocation();
  const { items, error } = useCatalog();
  useTitle(t("audits.new"));
  if (error && !items) return <Notice error={error} />;
  if (!items) return <Placeholder />;
  const { ofModels, ofData } = auditors(items);
  const models = modelsOf(ofModels);
  const isOfData = query.of === "dataset";
  const chosen =
    models.find(
      ({ key, model }) => key === query.model || (!query.model?.includes("@") && model.name === query.model),
    ) ??
    models.find(({ capability }) => capability.name === query.capability) ??
    models[0];
  const capability = isOfData ? ofData : chosen?.capability;
  const model = isOfData ? null : (chosen?.key ?? null);
  const choose = (next: Record<string, string>) => route(newAuditAddress(next), true);
  const base = { of: isOfData ? "dataset" : "model", ...(model && { model }) };
  return (
    <>
      <header class="page-head">
        <h1>{t("audits.new")}</h1>
        <p class="lead">{t("audits.newLead")}</p>
      </header>
      <div class="card">
        <Choice
          legend={t("audits.subject")}
          options={SUBJECTS.map((name) => ({ name: t(`audits.${name}`) }))}
          chosen={isOfData ? 1 : 0}
          onChoose={(index) => choose({ of: SUBJECTS[index], ...dataIn(query) })}
        />
        {capability ? (
          <AuditForm
            key={capability.name}
            capability={capability}
            models={isOfData ? [] : models}
            model={model}
            dataset={chosenIn(query)}
            uploadId={query.upload ?? null}
            onModel={(key) => choose({ of: "model", model: key, ...dataIn(query) })}
            onData={(data) => choose({ ...base, ...data })}
          />
        ) : (
          <p class="empty">
            {t("audits.noModel")} <a href="/train">{t("nav.train")}</a>
          </p>
        )}
      </div>
    </>
  );
}

/** The data of an address stays while the model is chosen. */
const dataIn = (query: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(query).filter(([name]) => ["dataset", "dataset_version", "upload"].includes(name)),
  );
