import { Image as ImageIcon } from "lucide";
import { useRoute } from "preact-iso";
import { useCatalog } from "../api/catalog";
import { Bench, useBench } from "../components/bench";
import { CodeTabs } from "../components/code-tabs";
import { Icon } from "../components/icon";
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
  const state = useBench(capability, null);
  useTitle(capability?.title ?? t("nav.try"));

  if (error && !items) return <Notice error={error} />;
  if (items && !capability) return <NotFound />;
  if (!capability) return <Placeholder isSlow={false} />;
  return (
    <>
      <header class="page-head" lang="en">
        <h1>{capability.title}</h1>
        <p class="lead">{capability.summary}</p>
      </header>
      <div class="bench">
        <div class="stage-main">
          <div class="invitation">
            <Icon of={ImageIcon} size={40} />
            <p>
              <strong>{t("workbench.invite")}</strong>
            </p>
            <p class="hint">{t("workbench.inviteHint")}</p>
          </div>
        </div>
        <div class="bench-input">
          <Bench capability={capability} state={state} job={null} isOpen />
        </div>
      </div>
      <div class="two">
        <section class="card" aria-labelledby="code-title">
          <h2 id="code-title">{t("code.title")}</h2>
          <CodeTabs
            call={{
              origin: location.origin,
              capability: capability.name,
              file: capability.accepts === "table" ? "table.csv" : "picture.jpg",
              model: state.model,
              params: changedValues(capability.predict_params, state.values),
            }}
          />
        </section>
        <section class="card" aria-labelledby="about-title">
          <h2 id="about-title">{t("workbench.about")}</h2>
          <dl class="facts" lang="en">
            <dt>{t("workbench.limits")}</dt>
            <dd>{capability.limits}</dd>
            <dt>{t("workbench.paper")}</dt>
            <dd>{capability.paper}</dd>
          </dl>
        </section>
      </div>
    </>
  );
}
