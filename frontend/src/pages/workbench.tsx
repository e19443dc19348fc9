import { useRoute } from "preact-iso";
import { useCatalog } from "../api/catalog";
import { InputPicker, Settings, useBench } from "../components/bench";
import { CodeTabs } from "../components/code-tabs";
import { Notice } from "../components/notice";
import { Placeholder } from "../components/placeholder";
import { useTitle } from "../components/title";
import { changedValues } from "../form/schema";
import { t } from "../i18n";
import { NotFound } from "./not-found";

/** One capability, before there is an answer. */
export default function Workbench() {
  const { params } = useRoute();
  const { items, error } = useCatalog();
  const capability = items?.find((item) => item.name === params.capability) ?? null;
  const bench = useBench(capability, null);
  useTitle(capability?.title ?? t("nav.try"));

  if (error && !items) return <Notice error={error} />;
  if (items && !capability) return <NotFound />;
  if (!capability) return <Placeholder isSlow={false} />;
  const credits = [...new Set(capability.samples.map(({ credit, license }) => `${credit} (${license}).`))];
  return (
    <>
      <header class="page-head" lang="en">
        <h1>{capability.title}</h1>
        <p class="lead">{capability.summary}</p>
      </header>
      <div class="bench">
        <section class="stage-main" aria-labelledby="invite-title">
          <h2 id="invite-title">{t("workbench.invite")}</h2>
          <InputPicker bench={bench} uploadId={null} isLarge />
          <p class="hint">{t("workbench.inviteHint")}</p>
        </section>
        <div class="bench-input">
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
        <dl class="facts" lang="en">
          {credits.length > 0 && (
            <>
              <dt>{t("bench.samples")}</dt>
              <dd>{credits.join(" ")}</dd>
            </>
          )}
          <dt>{t("workbench.limits")}</dt>
          <dd>{capability.limits}</dd>
          <dt>{t("workbench.paper")}</dt>
          <dd>{capability.paper}</dd>
        </dl>
      </section>
    </>
  );
}
