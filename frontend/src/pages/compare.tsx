import { X } from "lucide";
import { useEffect } from "preact/hooks";
import { useLocation } from "preact-iso";
import { useCapability, useCatalog } from "../api/catalog";
import { useResource } from "../api/resource";
import { isFinal } from "../api/types";
import { Answers } from "../components/compare/answers";
import { Curves } from "../components/compare/curves";
import {
  addressOf,
  capabilityOf,
  type Item,
  isFound,
  type Loaded,
  loadItems,
  titleOf,
} from "../components/compare/items";
import { Picker } from "../components/compare/picker";
import { distinguished } from "../components/compare/rows";
import { SameInput } from "../components/compare/same-input";
import { ComparedStages } from "../components/compare/stages";
import { FiguresTable, SettingsTable } from "../components/compare/tables";
import { CopyButton } from "../components/controls/copy-button";
import { Icon } from "../components/controls/icon";
import { Placeholder } from "../components/pictures/placeholder";
import { compareAddress, comparedIn, MAX_COMPARED } from "../components/runs/selection";
import { Notice } from "../components/shell/notice";
import { useTitle } from "../components/shell/title";
import { formatTime, label, loadTopic, t } from "../i18n";
import "../style/versus.css";

await loadTopic({ en: () => import("../i18n/en/compare"), de: () => import("../i18n/de/compare") });

const RELOAD_MS = 3000; // while something is running

/** Runs, results or models side by side; which ones is in the address. */
export default function Compare() {
  const { query, route } = useLocation();
  const keys = comparedIn(query);
  const loaded = useResource(keys.join(" ") || null, (signal) => loadItems(keys, signal));
  const found = distinguished(loaded.data?.filter(isFound) ?? [], useCatalog().items ?? []);
  const isRunning = found.some(({ job }) => job && !isFinal(job.status));
  useTitle([t("comparison.title"), found.map(titleOf).join(" – ")].filter(Boolean).join(": "));
  useEffect(() => {
    if (!isRunning) return;
    const timer = setInterval(loaded.reload, RELOAD_MS);
    return () => clearInterval(timer);
  }, [isRunning, loaded.reload]);
  const show = (next: string[]) => route(next.length > 0 ? compareAddress(next) : "/compare", true);

  if (loaded.error && !loaded.data) return <Notice isPage error={loaded.error} onRetry={loaded.reload} />;
  return (
    <>
      <header class="page-head is-split">
        <div>
          <h1>{t("comparison.title")}</h1>
          <p class="lead">{t("comparison.lead")}</p>
        </div>
        {keys.length > 0 && (
          <div class="actions">
            <CopyButton isLink title={t("action.copyLink")} text={() => location.href} />
          </div>
        )}
      </header>
      {keys.length === 0 && <Empty />}
      {keys.length > 0 && !loaded.data && <Placeholder />}
      {loaded.data && (
        <ul class="versus-items">
          {loaded.data.map((one) => (
            <li key={one.key} class="card">
              <Head
                one={found.find(({ key }) => key === one.key) ?? one}
                onRemove={() => show(keys.filter((key) => key !== one.key))}
              />
            </li>
          ))}
        </ul>
      )}
      {found.length > 0 && keys.length < MAX_COMPARED && (
        <details class="card versus-add" open={found.length < 2} key={String(found.length < 2)}>
          <summary>{t("comparison.add")}</summary>
          {found.length < 2 && <p class="hint">{t("comparison.addMore")}</p>}
          <Picker to={found[0]} keys={keys} onAdd={(key) => show([...keys, key])} />
        </details>
      )}
      {found.length > 1 && <Compared items={found} />}
    </>
  );
}

function Empty() {
  return (
    <div class="card empty">
      <h2>{t("comparison.choose")}</h2>
      <p>{t("comparison.chooseHint")}</p>
      <div class="actions">
        <a class="button is-primary" href="/jobs">
          {t("nav.jobs")}
        </a>
        <a class="button" href="/models">
          {t("nav.models")}
        </a>
      </div>
    </div>
  );
}

function Head({ one, onRemove }: { one: Loaded; onRemove: () => void }) {
  const name = isFound(one) ? titleOf(one) : one.key;
  const capability = useCapability(isFound(one) ? capabilityOf(one) : undefined);
  return (
    <div class="versus-head">
      <b class="versus-letter">{one.letter}</b>
      {isFound(one) ? (
        <p>
          <a href={addressOf(one)}>
            <strong>{name}</strong>
          </a>
          <small>
            {t(`comparison.${one.kind}`)}
            {capability && ` · ${label(`${capability.name}.title`, capability.title).text}`}
            {` · ${formatTime(one.model?.created_at ?? one.job?.created_at ?? "")}`}
          </small>
        </p>
      ) : (
        <p class="error">{t("comparison.missing", { name })}</p>
      )}
      <button
        type="button"
        class="tool is-bare"
        aria-label={t("comparison.remove", { name })}
        title={t("comparison.remove", { name })}
        onClick={onRemove}
      >
        <Icon of={X} size={16} />
      </button>
    </div>
  );
}

function Compared({ items }: { items: Item[] }) {
  const kinds = new Set(items.map(({ kind }) => kind));
  const capability = useCapability(capabilityOf(items[0]));
  const isOne = new Set(items.map(capabilityOf)).size === 1;
  const runs = items.filter(({ kind }) => kind !== "result").filter(({ job }) => job);
  if (kinds.has("result") && kinds.size > 1) return <p class="card empty">{t("comparison.mixed")}</p>;
  return (
    <>
      {!isOne && (
        <p class="card hint" role="note">
          {t("comparison.capabilities")}
        </p>
      )}
      {kinds.has("result") && <Answers items={items} />}
      <SettingsTable items={items} />
      <FiguresTable items={items} />
      {runs.length > 0 && <Curves items={runs} />}
      {kinds.has("result") && items.every(({ job }) => job?.status === "succeeded") && (
        <ComparedStages items={items} />
      )}
      {kinds.has("model") && kinds.size === 1 && isOne && capability && (
        <SameInput key={items.map(({ key }) => key).join(" ")} items={items} capability={capability} />
      )}
    </>
  );
}
