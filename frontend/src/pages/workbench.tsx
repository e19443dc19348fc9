import { Play } from "lucide";
import { useRoute } from "preact-iso";
import { useCatalog } from "../api/catalog";
import { api } from "../api/client";
import { useResource } from "../api/resource";
import { CodeTabs } from "../components/controls/code-tabs";
import { Icon } from "../components/controls/icon";
import { Placeholder } from "../components/pictures/placeholder";
import { Notice } from "../components/shell/notice";
import { useTitle } from "../components/shell/title";
import { TableView } from "../components/tables/table-view";
import { type Bench, InputPicker, Settings, useBench } from "../components/workbench/workbench";
import { changedValues } from "../form/schema";
import { langOf, said, t } from "../i18n";
import { NotFound } from "./not-found";

/** One capability, before there is an answer. */
export default function Workbench() {
  const { params } = useRoute();
  const { items, error } = useCatalog();
  const capability = items?.find((item) => item.name === params.capability) ?? null;
  const bench = useBench(capability, null);
  useTitle(capability ? said(capability.title) : t("nav.try"));

  if (error && !items) return <Notice error={error} />;
  if (items && !capability) return <NotFound />;
  if (!capability) return <Placeholder isSlow={false} />;
  const credits = [...new Set(capability.samples.map(({ credit, license }) => `${credit} (${license}).`))];
  return (
    <>
      <header class="page-head" lang={langOf(capability.summary)}>
        <h1>{said(capability.title)}</h1>
        <p class="lead">{said(capability.summary)}</p>
      </header>
      <div class="bench">
        {bench.uploadId ? (
          <YourTable bench={bench} id={bench.uploadId} />
        ) : (
          <section class="stage-main" aria-labelledby="invite-title">
            <h2 id="invite-title">{t("workbench.invite")}</h2>
            <InputPicker bench={bench} uploadId={null} isLarge />
            <p class="hint">{t("workbench.inviteHint")}</p>
          </section>
        )}
        <div class="bench-input">
          {bench.uploadId && (
            <section class="card" aria-labelledby="other-title">
              <h2 id="other-title">{t("bench.other")}</h2>
              <InputPicker bench={bench} uploadId={bench.uploadId} />
            </section>
          )}
          <Settings bench={bench} job={null} isOpen />
        </div>
        <section class="card bench-below" aria-labelledby="code-title">
          <h2 id="code-title">{t("code.title")}</h2>
          <CodeTabs
            call={{
              origin: location.origin,
              capability: capability.name,
              file: capability.accepts === "table" ? "table.csv" : "picture.jpg",
              model: bench.model,
              params: changedValues(capability.predict_params, bench.values),
            }}
          />
        </section>
      </div>
      <section class="card" aria-labelledby="about-title">
        <h2 id="about-title">{t("workbench.about")}</h2>
        <dl class="facts">
          {credits.length > 0 && (
            <>
              <dt>{t("bench.samples")}</dt>
              <dd lang="en">{credits.join(" ")}</dd>
            </>
          )}
          <dt>{t("workbench.limits")}</dt>
          <dd lang={langOf(capability.limits)}>{said(capability.limits)}</dd>
          <dt>{t("workbench.paper")}</dt>
          <dd lang="en">{capability.paper}</dd>
        </dl>
      </section>
    </>
  );
}

/** A table of one's own as it was read, before anything is made of it. */
function YourTable({ bench, id }: { bench: Bench; id: string }) {
  const upload = useResource(id, (signal) => api.upload(id, signal));
  if (upload.error) return <Notice error={upload.error} />;
  return (
    <section class="stage-main" aria-labelledby="yours-title">
      <header class="is-split">
        <h2 id="yours-title">{t("bench.yours", { name: upload.data?.name ?? "" })}</h2>
        <button
          type="button"
          class="button is-primary"
          disabled={bench.isBusy}
          onClick={() => bench.runOn(id)}
        >
          <Icon of={Play} />
          {t("bench.run")}
        </button>
      </header>
      <TableView table={bench.table} />
    </section>
  );
}
