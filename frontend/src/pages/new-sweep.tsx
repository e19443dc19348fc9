import { useLocation } from "preact-iso";
import { useCatalog } from "../api/catalog";
import { Placeholder } from "../components/pictures/placeholder";
import { Notice } from "../components/shell/notice";
import { useTitle } from "../components/shell/title";
import { SweepForm } from "../components/sweeps/form/sweep-form";
import { loadTopic, t } from "../i18n";
import "../style/sweeps.css";

await loadTopic({ en: () => import("../i18n/en/sweep-form"), de: () => import("../i18n/de/sweep-form") });

/** A sweep to be started; a link may name its capability, data, params and seeds. */
export default function NewSweep() {
  const { query, route } = useLocation();
  const { items, error } = useCatalog();
  useTitle(t("sweepForm.title"));
  const fitting = items?.filter((item) => item.train_params) ?? [];
  const capability = fitting.find((item) => item.name === query.capability) ?? fitting[0];
  if (error && !items) return <Notice error={error} />;
  if (!items) return <Placeholder />;
  return (
    <>
      <header class="page-head">
        <h1>{t("sweepForm.title")}</h1>
        <p class="lead">{t("sweepForm.lead")}</p>
      </header>
      {capability ? (
        <SweepForm
          key={`${capability.name} ${query.of ?? ""}`}
          capability={capability}
          capabilities={fitting}
          query={query}
          onChoose={(next) => route(`/sweeps/new?${new URLSearchParams(next)}`, true)}
        />
      ) : (
        <p class="card empty">{t("train.nothing")}</p>
      )}
    </>
  );
}
