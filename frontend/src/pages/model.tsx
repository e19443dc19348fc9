import { BookOpen, Pencil, Scale } from "lucide";
import { useState } from "preact/hooks";
import { useLocation, useRoute } from "preact-iso";
import { auditedModels, newAuditAddress } from "../api/audits";
import { reloadCatalog, useCapability } from "../api/catalog";
import { ApiError, api } from "../api/client";
import { useResource } from "../api/resource";
import type { Model, ModelChanges } from "../api/types";
import { ConfirmButton } from "../components/controls/confirm-button";
import { CopyButton } from "../components/controls/copy-button";
import { Icon } from "../components/controls/icon";
import { useLoaded } from "../components/controls/loaded";
import { Markdown } from "../components/controls/markdown";
import { Rename } from "../components/controls/rename";
import { ExportMenu } from "../components/exports/export-menu";
import { Placeholder } from "../components/pictures/placeholder";
import { LabelsPlace } from "../components/runs/labels";
import { isOwn } from "../components/runs/model-name-field";
import { compareAddress, keyOfModel } from "../components/runs/selection";
import { VersionList } from "../components/runs/version-list";
import { Notice } from "../components/shell/notice";
import { errorText } from "../components/shell/problem-texts";
import { useTitle } from "../components/shell/title";
import { InstallModel } from "../components/workbench/install-model";
import { nameOf } from "../components/workbench/model-choice";
import { modelText } from "../components/workbench/model-text";
import { onlyInput } from "../form/inputs";
import RowForm from "../form/row-form";
import { t } from "../i18n";
import { MetricList, ModelTags } from "./models";

/** One model: its card, its versions, and which of them answers. */
export default function ModelPage() {
  const { params } = useRoute();
  const { route } = useLocation();
  const name = params.name ?? "";
  const versions = useResource(name, (signal) => api.modelVersions(name, signal));
  const card = useResource(name, (signal) => api.modelCard(name, signal));
  const Audits = useLoaded(() => import("../components/audits/model-audits"))?.ModelAudits;
  const [problem, setProblem] = useState<string | null>(null);
  const newest = versions.data?.items[0];
  const isTrained = newest ? isOwn(newest) : false;
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
  const edit = async (changes: ModelChanges) => {
    const { name: next } = await api.editModel(name, changes);
    if (next === name) versions.reload();
    else route(`/models/${next}`, true);
    if ("card" in changes) card.reload();
    await reloadCatalog();
  };
  const remove = (version?: number) =>
    guarded(async () => {
      await api.deleteModel(name, version);
      if (version === undefined) route("/models");
      else versions.reload();
    });

  return (
    <>
      <header class="page-head">
        <div class="with-rename">
          <h1 lang={modelText(newest, "title").lang}>{modelText(newest, "title").text}</h1>
          {isTrained && <Rename value={newest.title} onRename={(title) => edit({ title })} />}
        </div>
        <ModelTags model={newest} />
        {!newest.job_id && ( // else it is only the id of its training
          <p class="lead" lang={modelText(newest, "summary").lang}>
            {modelText(newest, "summary").text}
          </p>
        )}
        <div class="with-rename">
          <p class="hint">
            {t("runs.name")}: <code>{newest.name}</code>
          </p>
          {isTrained && <Rename value={newest.name} onRename={(next) => edit({ name: next })} />}
        </div>
        <LabelsPlace
          key={newest.id}
          labels={newest}
          addressOf={(tag) => `/models?${new URLSearchParams({ tag })}`}
          onSave={edit}
        />
        <div class="actions">
          <a class="card-link" href={`/learn/${newest.capability}`}>
            <Icon of={BookOpen} size={16} />
            {t("box.learn")}
          </a>
          {capability?.audit_params && auditedModels({ models: [newest] }).length > 0 && (
            <a class="button is-quiet" href={newAuditAddress({ of: "model", model: nameOf(newest) })}>
              <Icon of={Scale} />
              {t("nav.audit")}
            </a>
          )}
          <a class="button is-quiet" href={compareAddress([keyOfModel(newest)])}>
            {t("action.compare")}
          </a>
          <CopyButton isLink title={t("action.copyLink")} text={() => location.href} />
        </div>
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
          {card.data !== null && (
            <ModelCard text={card.data} onSave={isTrained ? (text) => edit({ card: text }) : null} />
          )}
          {capability?.audit_params && Audits && <Audits model={newest} />}
        </section>
        <section class="card" aria-labelledby="versions-title">
          <h2 id="versions-title">{t("model.versions")}</h2>
          <MetricList model={newest} all />
          {newest.install_command && <InstallModel model={newest} onInstalled={versions.reload} />}
          <VersionList
            versions={versions.data.items}
            onMakeDefault={makeDefault}
            onDelete={({ version }) => remove(version)}
          />
          <ExportMenu model={newest} />
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
          {isTrained && (
            <div class="actions">
              <ConfirmButton title={t("model.delete")} onConfirm={() => remove()} />
            </div>
          )}
        </section>
      </div>
      {newest.is_reviewable && <BandPlace key={newest.id} model={newest} onSave={edit} />}
    </>
  );
}

type BandProps = Parameters<typeof import("../components/reviews/band").Band>[0];

function BandPlace(props: BandProps) {
  const Loaded = useLoaded(() => import("../components/reviews/band"))?.Band;
  return Loaded ? <Loaded {...props} /> : null;
}

interface ModelCardProps {
  text: string;
  onSave: ((text: string) => Promise<unknown>) | null; // null: it is part of Glassbox
}

function ModelCard({ text, onSave }: ModelCardProps) {
  const [isOpen, setOpen] = useState(false);
  if (isOpen && onSave) return <Editor card={text} onSave={onSave} onClose={() => setOpen(false)} />;
  return (
    <>
      {text.trim() ? <Markdown text={text} /> : <p class="empty">{t("model.noCard")}</p>}
      {onSave && (
        <div class="actions">
          <button type="button" class="button is-small" onClick={() => setOpen(true)}>
            <Icon of={Pencil} size={16} />
            {t("runs.editCard")}
          </button>
        </div>
      )}
    </>
  );
}

type EditorProps = Parameters<typeof import("../components/runs/card-editor").CardEditor>[0];

/** Few readers write, so it comes when one does. */
function Editor(props: EditorProps) {
  const Loaded = useLoaded(() => import("../components/runs/card-editor"))?.CardEditor;
  return Loaded ? <Loaded {...props} /> : null;
}
