import { ExternalLink } from "lucide";
import { useState } from "preact/hooks";
import { useCatalog } from "../api/catalog";
import { api } from "../api/client";
import { useResource } from "../api/resource";
import type { Capability } from "../api/types";
import { CodeTabs } from "../components/controls/code-tabs";
import { CopyButton } from "../components/controls/copy-button";
import { Icon } from "../components/controls/icon";
import { Notice } from "../components/shell/notice";
import { useTitle } from "../components/shell/title";
import { ModelChoice } from "../components/workbench/model-choice";
import { changedValues, defaultsOf, type Values } from "../form/schema";
import { SchemaForm } from "../form/schema-form";
import { fileFields } from "../form/snippets";
import { type Key, label, loadTopic, t } from "../i18n";

await loadTopic({ en: () => import("../i18n/en/api"), de: () => import("../i18n/de/api") });

const BODIES: Record<string, string> = {
  "POST /v1/predict/{capability}": "-F 'file=@picture.jpg'",
  "POST /v1/uploads": "-F 'file=@picture.jpg'",
  "POST /v1/jobs": `-H 'Content-Type: application/json' -d '{"capability":"detection","inputs":{"image":"ID"}}'`,
  "POST /v1/datasets": `-H 'Content-Type: application/json' -d '{"name":"Fruit","upload_id":"ID"}'`,
  "POST /v1/datasets/{id}/pictures": `-H 'Content-Type: application/json' -d '{"pictures":[{"upload_id":"ID","annotation":{"label":"apple"}}]}'`,
  "POST /v1/datasets/{id}/versions": "-H 'Content-Type: application/json' -d '{}'",
  "PUT /v1/models/{name}/default": "-H 'Content-Type: application/json' -d '{}'",
};

const ENDPOINTS: [string, string, Key][] = [
  ["GET", "/v1/capabilities", "api.capabilities"],
  ["POST", "/v1/predict/{capability}", "api.predict"],
  ["POST", "/v1/uploads", "api.uploads"],
  ["GET", "/v1/uploads/{id}/table", "api.table"],
  ["DELETE", "/v1/uploads/{id}", "api.deleteUpload"],
  ["POST", "/v1/jobs", "api.jobs"],
  ["GET", "/v1/jobs", "api.jobList"],
  ["GET", "/v1/jobs/{id}", "api.job"],
  ["GET", "/v1/jobs/{id}/events", "api.events"],
  ["GET", "/v1/jobs/{id}/inspection", "api.inspection"],
  ["POST", "/v1/jobs/{id}/cancel", "api.cancel"],
  ["POST", "/v1/jobs/{id}/retry", "api.retry"],
  ["DELETE", "/v1/jobs/{id}", "api.delete"],
  ["GET", "/v1/artifacts/{id}/content", "api.artifacts"],
  ["POST", "/v1/datasets", "api.datasets"],
  ["POST", "/v1/datasets/{id}/pictures", "api.datasetPictures"],
  ["POST", "/v1/datasets/{id}/versions", "api.datasetVersions"],
  ["GET", "/v1/datasets/{id}/versions/{n}/export", "api.datasetExport"],
  ["GET", "/v1/models", "api.models"],
  ["PUT", "/v1/models/{name}/default", "api.default"],
  ["DELETE", "/v1/models/{name}", "api.deleteModel"],
  ["GET", "/healthz", "api.health"],
  ["GET", "/readyz", "api.ready"],
];

function curlOf(method: string, path: string): string {
  const how = method === "GET" ? "" : ` -X ${method}`;
  return `curl -s${how} '${location.origin}${path}' ${BODIES[`${method} ${path}`] ?? ""}`.trimEnd();
}

/** What a program can ask, with a request that is ready to copy. */
export default function Api() {
  const { items, error } = useCatalog();
  const [chosen, setChosen] = useState<string | null>(null);
  const [changed, setChanged] = useState<Values>({});
  const [model, setModel] = useState<string | null>(null);
  useTitle(t("nav.api"));
  const capability = items?.find((item) => item.name === chosen) ?? items?.[0];
  const values = capability && { ...defaultsOf(capability.predict_params), ...changed };
  return (
    <>
      <header class="page-head is-split">
        <div>
          <h1>{t("api.title")}</h1>
          <p class="lead">{t("api.lead")}</p>
        </div>
        <div class="actions">
          <a class="button" href="/docs" target="_blank" rel="noreferrer">
            {t("api.docs")}
            <Icon of={ExternalLink} size={16} />
          </a>
          <a class="button is-quiet" href="/openapi.json" target="_blank" rel="noreferrer">
            openapi.json
          </a>
        </div>
      </header>
      {error && !items && <Notice error={error} />}
      {capability && values && (
        <div class="two is-wide-left">
          <section class="card is-staying" aria-labelledby="call-title">
            <h2 id="call-title">{t("api.oneCall")}</h2>
            <CodeTabs
              call={{
                origin: location.origin,
                capability: capability.name,
                files: fileFields(capability.inputs),
                model,
                params: changedValues(capability.predict_params, values),
              }}
            />
            <ExampleAnswer capability={capability} />
          </section>
          <section class="card" aria-labelledby="values-title">
            <h2 id="values-title">{t("api.values")}</h2>
            <div class="field">
              <label for="api-capability">{t("train.capability")}</label>
              <select
                id="api-capability"
                value={capability.name}
                onChange={(event) => {
                  setChosen(event.currentTarget.value);
                  setChanged({});
                  setModel(null);
                }}
              >
                {items?.map((item) => (
                  <option key={item.name} value={item.name}>
                    {label(`${item.name}.title`, item.title).text}
                  </option>
                ))}
              </select>
            </div>
            <ModelChoice models={capability.models} chosen={model} onChoose={setModel} />
            <SchemaForm
              textsOf={`${capability.name}.predict`}
              schema={capability.predict_params}
              values={values}
              errors={{}}
              onChange={setChanged}
            />
          </section>
        </div>
      )}
      <section class="card is-flush" aria-labelledby="endpoints-title">
        <h2 id="endpoints-title" class="flush-title">
          {t("api.endpoints")}
        </h2>
        <table class="rows endpoints">
          <thead>
            <tr>
              <th scope="col">{t("api.method")}</th>
              <th scope="col">{t("api.path")}</th>
              <th scope="col">{t("api.does")}</th>
              <th scope="col">
                <span class="visually-hidden">curl</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {ENDPOINTS.map(([method, path, purpose]) => (
              <tr key={method + path}>
                <td>
                  <span class={`method is-${method.toLowerCase()}`}>{method}</span>
                </td>
                <td>
                  <code>{path}</code>
                </td>
                <td>{t(purpose)}</td>
                <td class="row-actions">
                  <CopyButton text={curlOf(method, path)} title="curl" />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </>
  );
}

const MAX_LINES = 60;

/** What a program gets for the first sample that is answered. */
function ExampleAnswer({ capability }: { capability: Capability }) {
  const sample = capability.samples.find(({ job_id }) => job_id);
  const id = sample?.job_id ?? null;
  const job = useResource(id, (signal) => api.job(id ?? "", signal));
  if (!sample || !job.data) return null;
  const title = label(`${capability.name}.samples.${sample.name}.title`, sample.title).text;
  const lines = JSON.stringify(job.data.result, null, 2).split("\n");
  const text = [...lines.slice(0, MAX_LINES), ...(lines.length > MAX_LINES ? ["…"] : [])].join("\n");
  return (
    <>
      <h3 id="answer-title">{t("api.answer")}</h3>
      <p class="hint">{t("api.answerHint", { name: title })}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long answer is scrolled by keys too */}
      <pre class="log" role="region" aria-labelledby="answer-title" tabIndex={0}>
        <code>{text}</code>
      </pre>
    </>
  );
}
