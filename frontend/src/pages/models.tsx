import { ArrowRight } from "lucide";
import { useLocation } from "preact-iso";
import { reloadCatalog, useCatalog } from "../api/catalog";
import { api } from "../api/client";
import { useResource } from "../api/resource";
import type { Model } from "../api/types";
import { Icon } from "../components/controls/icon";
import { SearchField } from "../components/controls/search-field";
import { ImportModel } from "../components/exports/import-model";
import { MetricFigures } from "../components/jobs/metric-figures";
import { Placeholder } from "../components/pictures/placeholder";
import { TagFilter, TagList } from "../components/runs/labels";
import {
  CompareBar,
  keyOfModel,
  SelectBox,
  type Selection,
  useSelection,
} from "../components/runs/selection";
import { Notice } from "../components/shell/notice";
import { useTitle } from "../components/shell/title";
import { InstallModel } from "../components/workbench/install-model";
import { modelText } from "../components/workbench/model-text";
import { formatBytes, label, t } from "../i18n";
import { metricRows } from "../i18n/metric-names";

/** Every model by capability: where it is from, how good it is, which one answers by default. */
export default function Models() {
  const models = useResource("models", (signal) => api.models(signal));
  const { items } = useCatalog();
  const { query, route } = useLocation();
  const selection = useSelection();
  const titles = new Map(items?.map((item) => [item.name, item.title]));
  useTitle(t("nav.models"));
  if (models.error && !models.data) return <Notice isPage error={models.error} onRetry={models.reload} />;
  if (!models.data) return <Placeholder />;
  const text = (query.name ?? "").trim().toLowerCase();
  const nameOf = (name: string) => label(`${name}.title`, titles.get(name) ?? name).text;
  const tag = query.tag ?? "";
  const isFound = (model: Model) =>
    (!tag || model.tags.includes(tag)) &&
    [
      modelText(model, "title").text,
      modelText(model, "summary").text,
      nameOf(model.capability),
      model.name,
      model.description,
      ...model.tags,
    ].some((one) => one.toLowerCase().includes(text));
  const search = (next: { name?: string; tag?: string }) => {
    const given = Object.entries({ name: query.name ?? "", tag, ...next }).filter(([, value]) => value);
    const request = new URLSearchParams(given).toString();
    route(request ? `/models?${request}` : "/models", true);
  };
  const found = Map.groupBy(models.data.items.filter(isFound), (model) => model.capability);
  // in the order of every other page
  const names = new Set([...titles.keys(), ...found.keys()]);
  const groups = [...names].flatMap((name) => {
    const own = found.get(name);
    return own ? [{ name, own }] : [];
  });
  return (
    <>
      <header class="page-head is-split">
        <div>
          <h1>{t("nav.models")}</h1>
          <p class="lead">{t("models.lead")}</p>
        </div>
        <div class="filters" role="search">
          <SearchField
            label={t("models.search")}
            value={query.name ?? ""}
            onSearch={(name) => search({ name })}
          />
          {tag && <TagFilter tag={tag} onClear={() => search({ tag: "" })} />}
        </div>
      </header>
      <ImportModel
        onImported={async (model) => {
          await reloadCatalog();
          route(`/models/${encodeURIComponent(model.name)}`);
        }}
      />
      {groups.length === 0 && <p class="card empty">{t(text || tag ? "models.noneFound" : "models.none")}</p>}
      {groups.map(({ name, own }) => (
        <section key={name} aria-labelledby={`models-${name}`}>
          <h2 id={`models-${name}`}>{nameOf(name)}</h2>
          <ul class="model-cards">
            {own.map((model) => (
              <li key={model.id} class="card">
                <ModelSummary model={model} selection={selection} onInstalled={models.reload} />
              </li>
            ))}
          </ul>
        </section>
      ))}
      <CompareBar selection={selection} />
    </>
  );
}

interface ModelSummaryProps {
  model: Model;
  selection: Selection;
  onInstalled: () => void;
}

function ModelSummary({ model, selection, onInstalled }: ModelSummaryProps) {
  const title = modelText(model, "title");
  return (
    <>
      <div class="run-version">
        <SelectBox of={keyOfModel(model)} name={title.text} selection={selection} />
        <h3>
          <a href={`/models/${encodeURIComponent(model.name)}`} lang={title.lang}>
            {title.text}
          </a>
        </h3>
      </div>
      <ModelTags model={model} />
      {!model.job_id && <p lang={modelText(model, "summary").lang}>{modelText(model, "summary").text}</p>}
      {model.description && <p class="run-description">{model.description}</p>}
      <TagList tags={model.tags} addressOf={(tag) => `/models?${new URLSearchParams({ tag })}`} />
      <MetricList model={model} />
      {model.install_command && <InstallModel model={model} onInstalled={onInstalled} />}
      {model.is_installed && (
        <a class="card-link" href={`/t/${model.capability}?model=${model.name}@${model.version}`}>
          {t("model.use")}
          <Icon of={ArrowRight} size={16} />
        </a>
      )}
    </>
  );
}

export function ModelTags({ model }: { model: Model }) {
  return (
    <p class="tags">
      <span class="tag">{t(`model.${model.source}`)}</span>
      {model.is_default && <span class="tag is-strong">{t("model.isDefault")}</span>}
      {!model.is_installed && <span class="tag is-quiet">{t("model.missing")}</span>}
      {model.version > 1 && <span class="tag">{t("model.version", { n: model.version })}</span>}
      {model.bytes !== null && <span class="tag">{formatBytes(model.bytes)}</span>}
    </p>
  );
}

const SHOWN_METRICS = 4;

export function MetricList({ model, all = false }: { model: Model; all?: boolean }) {
  const rows = metricRows(model.metrics);
  return <MetricFigures rows={rows.slice(0, all ? rows.length : SHOWN_METRICS)} isList={all} />;
}
