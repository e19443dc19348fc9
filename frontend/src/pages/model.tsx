import { ArrowRight, BookOpen, Check } from "lucide";
import { useState } from "preact/hooks";
import { useLocation, useRoute } from "preact-iso";
import { reloadCatalog, useCapability } from "../api/catalog";
import { ApiError, api } from "../api/client";
import { useResource } from "../api/resource";
import type { Model } from "../api/types";
import { ConfirmButton } from "../components/controls/confirm-button";
import { Icon } from "../components/controls/icon";
import { Markdown } from "../components/controls/markdown";
import { Rename } from "../components/controls/rename";
import { Placeholder } from "../components/pictures/placeholder";
import { Notice } from "../components/shell/notice";
import { errorText } from "../components/shell/problem-texts";
import { useTitle } from "../components/shell/title";
import { InstallModel } from "../components/workbench/install-model";
import { modelText } from "../components/workbench/model-choice";
import { onlyInput } from "../form/inputs";
import RowForm from "../form/row-form";
import { formatTime, t } from "../i18n";
import { MetricList, ModelTags } from "./models";

/** One model: its card, its versions, and which of them answers. */
export default function ModelPage() {
  const { params } = useRoute();
  const { route } = useLocation();
  const name = params.name ?? "";
  const versions = useResource(name, (signal) => api.modelVersions(name, signal));
  const card = useResource(name, (signal) => api.modelCard(name, signal));
  const [problem, setProblem] = useState<string | null>(null);
  const newest = versions.data?.items[0];
  const isTrained = newest?.source === "trained";
  const columns = useResource(isTrained ? name : null, (signal) => api.modelColumns(name, signal));
  const capability = useCapability(newest?.capability);
  const table = capability && onlyInput(capability);
  useTitle(newest ? modelText(newest, "title").text : name);
  if (versions.error) return <Notice isPage error={versions.error} />;
  if (!versions.data || !newest) return <Placeholder />;

  const guarded = async (action: () => Promise<unknown>) => {
    try {
      setProblem(null);
      await action();
      await reloadCatalog();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setProblem(errorText(error));
    }
  };
  const makeDefault = (model: Model) =>
    guarded(async () => {
      await api.makeDefault(model.name, model.version);
      versions.reload();
    });
  const rename = async (title: string) => {
    await api.renameModel(name, title);
    versions.reload();
    await reloadCatalog();
  };
  const remove = () =>
    guarded(async () => {
      await api.deleteModel(name);
      route("/models");
    });

  return (
    <>
      <header class="page-head">
        <div class="with-rename">
          <h1 lang={modelText(newest, "title").lang}>{modelText(newest, "title").text}</h1>
          {newest.source === "trained" && <Rename value={newest.title} onRename={rename} />}
        </div>
        <ModelTags model={newest} />
        <p class="lead" lang={modelText(newest, "summary").lang}>
          {modelText(newest, "summary").text}
        </p>
        <a class="card-link" href={`/learn/${newest.capability}`}>
          <Icon of={BookOpen} size={16} />
          {t("box.learn")}
        </a>
      </header>
      {problem && (
        <p class="error" role="alert">
          {problem}
        </p>
      )}
      {columns.data && columns.data.columns.length > 0 && table && (
        <section class="card" aria-labelledby="row-title">
          <h2 id="row-title">{t("row.title")}</h2>
          <RowForm model={newest} input={table.name} of={columns.data} />
        </section>
      )}
      <div class="two is-wide-left">
        <section class="card" aria-labelledby="card-title">
          <h2 id="card-title">{t("model.card")}</h2>
          {card.error && <p class="empty">{errorText(card.error)}</p>}
          {card.data !== null &&
            (card.data.trim() ? <Markdown text={card.data} /> : <p class="empty">{t("model.noCard")}</p>)}
        </section>
        <section class="card" aria-labelledby="versions-title">
          <h2 id="versions-title">{t("model.versions")}</h2>
          <MetricList model={newest} all />
          {newest.install_command && <InstallModel model={newest} onInstalled={versions.reload} />}
          <ul class="plain-list">
            {versions.data.items.map((model) => (
              <li key={model.id} class="version">
                <p>
                  <strong>{t("model.version", { n: model.version })}</strong>{" "}
                  <small>{formatTime(model.created_at)}</small>
                </p>
                <div class="actions">
                  {model.is_default ? (
                    <span class="tag is-strong">
                      <Icon of={Check} size={14} />
                      {t("model.isDefault")}
                    </span>
                  ) : (
                    <button
                      type="button"
                      class="button is-small"
                      disabled={!model.is_installed}
                      onClick={() => makeDefault(model)}
                    >
                      {t("model.makeDefault")}
                    </button>
                  )}
                  {model.job_id && (
                    <a class="button is-small is-quiet" href={`/train/${model.job_id}`}>
                      {t("model.training")}
                    </a>
                  )}
                  <a
                    class="button is-small is-quiet"
                    href={`/t/${model.capability}?model=${model.name}@${model.version}`}
                  >
                    {t("model.use")}
                    <Icon of={ArrowRight} size={16} />
                  </a>
                </div>
              </li>
            ))}
          </ul>
          <dl class="facts">
            <dt>{t("model.license")}</dt>
            <dd lang="en">{newest.license}</dd>
          </dl>
          <details class="facts-more">
            <summary>{t("facts.technical")}</summary>
            <dl class="facts">
              <dt>{t("model.architecture")}</dt>
              <dd>{newest.architecture}</dd>
              {newest.digest && (
                <>
                  <dt>{t("facts.digest")}</dt>
                  <dd>
                    <code>{newest.digest}</code>
                  </dd>
                </>
              )}
            </dl>
          </details>
          {newest.source === "trained" && (
            <div class="actions">
              <ConfirmButton title={t("model.delete")} onConfirm={remove} />
            </div>
          )}
        </section>
      </div>
    </>
  );
}
