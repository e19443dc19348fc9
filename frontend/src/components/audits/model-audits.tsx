import { audits, type ModelAudit } from "../../api/audits";
import { ApiError } from "../../api/client";
import { useResource } from "../../api/resource";
import { formatTime, loadTopic, t } from "../../i18n";
import { ConfirmButton } from "../controls/confirm-button";

await loadTopic({ en: () => import("../../i18n/en/audits"), de: () => import("../../i18n/de/audits") });

interface ModelAuditsProps {
  model: string;
  onChange: () => void; // the card has one section less
}

/** The audits that are sections of a model's card, each with its job; nothing where there are none. */
export function ModelAudits({ model, onChange }: ModelAuditsProps) {
  const known = useResource(`audits ${model}`, (signal) => audits.ofModel(model, signal));
  const remove = async ({ id }: ModelAudit) => {
    try {
      await audits.removeFromCard(model, id);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error; // it was removed meanwhile: the list shows it
    }
    known.reload();
    onChange();
  };
  if (!known.data?.items.length) return null;
  return (
    <section aria-labelledby="audits-title">
      <h3 id="audits-title">{t("audits.ofModel")}</h3>
      <ul class="plain-list">
        {known.data.items.map((audit) => {
          const date = formatTime(audit.created_at);
          const by = audit.author && t("audits.by", { author: audit.author });
          return (
            <li key={audit.id} class="is-row">
              <span>
                {audit.job_id ? <a href={`/r/${audit.job_id}`}>{date}</a> : date} {by}
              </span>
              <ConfirmButton isSmall title={t("audits.remove")} onConfirm={() => remove(audit)} />
            </li>
          );
        })}
      </ul>
    </section>
  );
}
