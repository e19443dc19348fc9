import { ShieldCheck } from "lucide";
import { useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import { firstItems } from "../api/lists";
import { decisionLog } from "../api/log";
import { useResource } from "../api/resource";
import type { LogEntry, LogVerification } from "../api/types";
import { useAction } from "../components/controls/action";
import { Icon } from "../components/controls/icon";
import { Problem } from "../components/controls/problem";
import { SearchField } from "../components/controls/search-field";
import { EntryRow } from "../components/log/entry-row";
import { Placeholder } from "../components/pictures/placeholder";
import { Notice } from "../components/shell/notice";
import { useTitle } from "../components/shell/title";
import { formatNumber, type Key, loadTopic, message, t } from "../i18n";
import "../style/log.css";

await loadTopic({ en: () => import("../i18n/en/log"), de: () => import("../i18n/de/log") });

const ACTIONS = [
  ...["predict", "train", "audit", "sweep", "review", "review_band"],
  ...["default_model", "rename_model", "delete_model", "delete_dataset", "forget", "prune"],
];
const FILTERS = ["action", "by", "model", "job_id"] as const;
const PAGE = 50;

/** Who decided what, with which model: the newest first. */
export default function LogPage() {
  const { query, route } = useLocation();
  const [limit, setLimit] = useState(PAGE);
  const filter = Object.fromEntries(FILTERS.filter((name) => query[name]).map((name) => [name, query[name]]));
  const list = useResource(`log ${JSON.stringify(filter)} ${limit}`, (signal) =>
    firstItems<LogEntry>((page) => decisionLog.list({ ...page, ...filter }, signal), limit),
  );
  useTitle(t("log.title"));
  const goTo = (next: Record<string, string>) => {
    const given = Object.entries({ ...filter, ...next }).filter(([, value]) => value);
    const text = new URLSearchParams(Object.fromEntries(given)).toString();
    route(text ? `/log?${text}` : "/log", true);
  };
  return (
    <>
      <header class="page-head is-split">
        <div>
          <h1>{t("log.title")}</h1>
          <p class="lead">{t("log.lead")}</p>
        </div>
        <Filters filter={filter} onFilter={goTo} />
      </header>
      <Verification />
      {list.error && !list.data && <Notice error={list.error} onRetry={list.reload} />}
      {!list.data && !list.error && <Placeholder />}
      {list.data?.items.length === 0 && (
        <p class="card empty">{t(Object.keys(filter).length > 0 ? "log.noneFound" : "log.none")}</p>
      )}
      {list.data && list.data.items.length > 0 && (
        <div class="card is-flush">
          <table class="rows">
            <caption class="visually-hidden">{t("log.title")}</caption>
            <thead>
              <tr>
                {(["position", "at", "action", "model", "by", "outcome"] as const).map((name) => (
                  <th key={name} scope="col">
                    {t(`log.${name}`)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {list.data.items.map((entry) => (
                <EntryRow key={`${entry.position} ${entry.at}`} entry={entry} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {list.data?.next_cursor && (
        <button type="button" class="button" onClick={() => setLimit(limit + PAGE)}>
          {t("log.more")}
        </button>
      )}
    </>
  );
}

interface FiltersProps {
  filter: Record<string, string>;
  onFilter: (change: Record<string, string>) => void;
}

function Filters({ filter, onFilter }: FiltersProps) {
  return (
    <div class="filters" role="search">
      <div class="field is-inline">
        <label for="log-action">{t("log.action")}</label>
        <select
          id="log-action"
          value={filter.action ?? ""}
          onChange={(event) => onFilter({ action: event.currentTarget.value })}
        >
          <option value="">{t("log.any")}</option>
          {ACTIONS.map((action) => (
            <option key={action} value={action}>
              {t(`log.action.${action}` as Key)}
            </option>
          ))}
        </select>
      </div>
      <SearchField label={t("log.by")} value={filter.by ?? ""} onSearch={(by) => onFilter({ by })} />
      <SearchField
        label={t("log.model")}
        value={filter.model ?? ""}
        onSearch={(model) => onFilter({ model })}
      />
    </div>
  );
}

/** Has the server compute every hash again, and lists what it found. */
function Verification() {
  const [found, setFound] = useState<LogVerification | null>(null);
  const { isBusy, problem, run } = useAction();
  const verify = () => run(async () => setFound(await decisionLog.verify()));
  return (
    <section class="card log-verification" aria-label={t("log.verify")}>
      <div class="actions">
        <button type="button" class="button is-primary" disabled={isBusy} onClick={verify}>
          <Icon of={ShieldCheck} />
          {t("log.verify")}
        </button>
        <p role="status">{isBusy ? t("log.verifying") : found && outcome(found)}</p>
      </div>
      <Problem text={problem} />
      {found && !isBusy && <Found found={found} />}
    </section>
  );
}

const outcome = ({ is_valid, entries, problems }: LogVerification): string =>
  is_valid
    ? t("log.valid", { count: formatNumber(entries) })
    : t("log.invalid", { count: formatNumber(problems.length) });

function Found({ found }: { found: LogVerification }) {
  return (
    <>
      {found.problems.length > 0 && (
        <ul>
          {found.problems.map(({ position, text, text_parts }) => (
            <li key={`${position} ${text}`} class="error">
              {t("log.problem", { position: formatNumber(position), text: message(text_parts, text).text })}
            </li>
          ))}
        </ul>
      )}
      {found.waiting > 0 && <p class="hint">{t("log.waiting", { count: formatNumber(found.waiting) })}</p>}
      {found.deleted_details > 0 && (
        <p class="hint">{t("log.forgotten", { count: formatNumber(found.deleted_details) })}</p>
      )}
      {found.is_valid && found.last > 0 && (
        <p class="hint">
          {t("log.note", { position: formatNumber(found.last) })} <code>{found.head}</code>
        </p>
      )}
    </>
  );
}
