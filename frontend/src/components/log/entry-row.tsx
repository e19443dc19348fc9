import { Fragment } from "preact";
import { useCapability } from "../../api/catalog";
import type { LogEntry, Status } from "../../api/types";
import { formatAgo, formatTime, type Key, label, messageOf, t } from "../../i18n";
import { StatusBadge } from "../jobs/status-badge";

interface Model {
  name: string;
  version?: number | null;
}

interface File {
  name: string;
  file: string;
  sha256: string;
}

/** One entry: what, when, of which model, by whom; its hashes on request. */
export function EntryRow({ entry }: { entry: LogEntry }) {
  const { content, details } = entry;
  const model = (content.made ?? content.model) as Model | undefined;
  const person = details.by ?? details.reviewer;
  const isDeleted = entry.deleted.includes("by") || entry.deleted.includes("reviewer");
  return (
    <tr>
      <td class="log-position" data-label={t("log.position")}>
        {entry.position ?? "–"}
      </td>
      <td data-label={t("log.at")}>
        <time class="log-time" dateTime={entry.at} title={formatTime(entry.at)}>
          {formatAgo(entry.at)}
        </time>
      </td>
      <td>
        <strong>{messageOf(`log.action.${entry.action}`) ?? entry.action}</strong>
        {typeof content.capability === "string" && <Capability name={content.capability} />}
        <Details entry={entry} />
      </td>
      <td data-label={t("log.model")}>
        {model ? (
          <a href={`/models/${encodeURIComponent(model.name)}`}>
            {model.name}
            {model.version ? `@${model.version}` : ""}
          </a>
        ) : (
          "–"
        )}
      </td>
      <td data-label={t("log.by")}>
        {person === undefined ? (
          <span class="hint">{t(isDeleted ? "log.deleted" : "log.nobody")}</span>
        ) : (
          String(person)
        )}
      </td>
      <td data-label={t("log.outcome")}>
        <Outcome content={content} />
      </td>
    </tr>
  );
}

function Capability({ name }: { name: string }) {
  const capability = useCapability(name);
  const title = label(`${name}.title`, capability?.title ?? name);
  return (
    <span class="hint" lang={title.lang}>
      {" "}
      {title.text}
    </span>
  );
}

function Outcome({ content }: { content: LogEntry["content"] }) {
  const status = String(content.status ?? "");
  const decision = messageOf(`log.decision.${status}`);
  if (decision) return <>{decision}</>;
  return status ? <StatusBadge status={status as Status} /> : <>–</>;
}

function Details({ entry }: { entry: LogEntry }) {
  const { content, details } = entry;
  const inputs = (details.inputs ?? []) as File[];
  const others: [Key, unknown][] = [
    ["log.answer", details.answer],
    ["log.reason", details.reason],
    ["log.error", content.error],
    ["log.deleted", entry.deleted.join(", ")],
    ["log.hash", entry.hash],
  ];
  return (
    <details class="log-details">
      <summary>{t("log.details")}</summary>
      <dl>
        {inputs.map(({ name, file, sha256 }) => (
          <Fragment key={name}>
            <dt>{t("log.inputs")}</dt>
            <dd>
              {file}
              <br />
              SHA-256 {sha256}
            </dd>
          </Fragment>
        ))}
        {others.map(([name, value]) =>
          value ? (
            <Fragment key={name}>
              <dt>{t(name)}</dt>
              <dd>{String(value)}</dd>
            </Fragment>
          ) : null,
        )}
      </dl>
      {typeof content.job_id === "string" && <a href={`/r/${content.job_id}`}>{t("log.job")}</a>}
    </details>
  );
}
