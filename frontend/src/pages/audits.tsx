import { Database, type IconNode, Layers, ListChecks, Scale, ScrollText, Table2 } from "lucide";
import { newAuditAddress } from "../api/audits";
import { api } from "../api/client";
import { useResource } from "../api/resource";
import { Icon } from "../components/controls/icon";
import { JobRow } from "../components/jobs/job-row";
import { Notice } from "../components/shell/notice";
import { useTitle } from "../components/shell/title";
import { type Key, loadTopic, t } from "../i18n";
import "../style/audits.css";

await loadTopic({ en: () => import("../i18n/en/audits"), de: () => import("../i18n/de/audits") });

const PLACES: readonly { name: string; href: string; icon: IconNode }[] = [
  { name: "model", href: newAuditAddress({ of: "model" }), icon: Scale },
  { name: "dataset", href: newAuditAddress({ of: "dataset" }), icon: Database },
  { name: "decisions", href: "/t/audit", icon: Table2 },
  { name: "sweeps", href: "/sweeps", icon: Layers },
  { name: "reviews", href: "/reviews", icon: ListChecks },
  { name: "log", href: "/log", icon: ScrollText },
];

const SHOWN = "20";

/** For whom is a model wrong, and who answers for it: the pages about it, and the audits so far. */
export default function Audits() {
  useTitle(t("nav.audit"));
  const jobs = useResource("audits", (signal) => api.jobs({ task: "audit", limit: SHOWN }, signal));
  return (
    <>
      <header class="page-head">
        <h1>{t("audits.title")}</h1>
        <p class="lead">{t("audits.lead")}</p>
      </header>
      <ul class="audit-places">
        {PLACES.map(({ name, href, icon }) => (
          <li key={name}>
            <a class="card" href={href}>
              <strong>
                <Icon of={icon} />
                {t(`audits.${name}` as Key)}
              </strong>
              <span class="hint">{t(`audits.about.${name}` as Key)}</span>
            </a>
          </li>
        ))}
      </ul>
      <section class="card" aria-labelledby="own-title">
        <h2 id="own-title">{t("audits.own")}</h2>
        {jobs.error && !jobs.data && <Notice error={jobs.error} onRetry={jobs.reload} />}
        {jobs.data?.items.length === 0 && <p class="empty">{t("audits.none")}</p>}
        <ul class="plain-list">
          {jobs.data?.items.map((job) => (
            <li key={job.id}>
              <JobRow job={job} />
            </li>
          ))}
        </ul>
      </section>
    </>
  );
}
