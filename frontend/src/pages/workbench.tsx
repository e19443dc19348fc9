import { BookOpen } from "lucide";
import { useRoute } from "preact-iso";
import { useCatalog } from "../api/catalog";
import { api } from "../api/client";
import { useResource } from "../api/resource";
import type { Capability, Input } from "../api/types";
import { CodeTabs } from "../components/controls/code-tabs";
import { Icon } from "../components/controls/icon";
import { Placeholder } from "../components/pictures/placeholder";
import { Notice } from "../components/shell/notice";
import { RelatedPage } from "../components/shell/related-page";
import { useTitle } from "../components/shell/title";
import { TableView } from "../components/tables/table-view";
import { type Bench, useBench } from "../components/workbench/bench";
import { InputPicker } from "../components/workbench/input-picker";
import { RunButton } from "../components/workbench/run-button";
import { Settings } from "../components/workbench/settings";
import { onlyInput } from "../form/inputs";
import { changedValues } from "../form/schema";
import { fileFields } from "../form/snippets";
import { label, language, t } from "../i18n";
import { NotFound } from "./not-found";

/** One capability, before there is an answer. */
export default function Workbench() {
  const { params } = useRoute();
  const { items, error } = useCatalog();
  const capability = items?.find((item) => item.name === params.capability) ?? null;
  const bench = useBench(capability, null);
  const textOf = (key: "title" | "summary" | "limits") =>
    label(`${params.capability}.${key}`, capability?.[key] ?? "");
  useTitle(capability ? textOf("title").text : t("nav.try"));

  if (error && !items) return <Notice error={error} />;
  if (items && !capability) return <NotFound />;
  if (!capability) return <Placeholder />;
  const credits = [...new Set(capability.samples.map(({ credit, license }) => `${credit} (${license}).`))];
  return (
    <>
      <header class="page-head" lang={textOf("summary").lang}>
        <h1>{textOf("title").text}</h1>
        <p class="lead">{textOf("summary").text}</p>
        <a class="card-link" href={`/learn/${capability.name}`} lang={language.value}>
          <Icon of={BookOpen} size={16} />
          {t("box.learn")}
        </a>
        <RelatedPage of={capability.name} />
      </header>
      <div class="bench">
        <Invitation bench={bench} capability={capability} />
        <div class="bench-input">
          {tableOf(bench) && (
            <section class="card" aria-labelledby="other-title">
              <h2 id="other-title">{t("bench.other")}</h2>
              <InputPicker bench={bench} />
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
              files: fileFields(capability.inputs),
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
          <dd lang={textOf("limits").lang}>{textOf("limits").text}</dd>
          <dt>{t("workbench.paper")}</dt>
          <dd lang="en">{capability.paper}</dd>
        </dl>
      </section>
    </>
  );
}

/** The upload of the only input, where that is a table. */
function tableOf({ capability, chosen }: Bench): string | null {
  const only = capability && onlyInput(capability);
  return only?.kind === "table" ? (chosen[only.name] ?? null) : null;
}

/** What goes in, in the place where the answer will be. */
function Invitation({ bench, capability }: { bench: Bench; capability: Capability }) {
  const table = tableOf(bench);
  if (table) return <YourTable bench={bench} id={table} />;
  const { inputs } = capability;
  const isForm = inputs.length !== 1 || bench.isDraft;
  const invitation = onlyInput(capability)?.sketch ? "workbench.draw" : "workbench.invite";
  const own = isForm && capability.samples.length === 0 ? "bench.inputs" : invitation;
  return (
    <section class="stage-main" aria-labelledby="invite-title">
      <h2 id="invite-title">{t(inputs.length === 0 ? "bench.noInput" : own)}</h2>
      <InputPicker bench={bench} isLarge />
      {isForm ? <RunForm bench={bench} inputs={inputs} /> : <p class="hint">{t("workbench.inviteHint")}</p>}
    </section>
  );
}

/** Several inputs are all chosen before anything runs; where none is needed, it runs at once. */
function RunForm({ bench, inputs }: { bench: Bench; inputs: Input[] }) {
  const missing = inputs.filter(({ name, required }) => required && !(name in bench.chosen));
  const names = missing.map(
    ({ name, title }) => label(`${bench.capability?.name}.inputs.${name}.title`, title).text,
  );
  return (
    <>
      {inputs.some(({ kind }) => kind === "table") && bench.table.data && <TableView table={bench.table} />}
      <p class="hint" role="status">
        {missing.length > 0 ? t("bench.missing", { names: names.join(", ") }) : ""}
      </p>
      <div class="actions">
        <RunButton bench={bench} onRun={() => bench.run()} />
      </div>
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
        <RunButton bench={bench} onRun={() => bench.run()} />
      </header>
      <TableView table={bench.table} />
    </section>
  );
}
