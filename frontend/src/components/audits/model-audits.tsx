import { audits, type ModelAudit } from "../../api/audits";
import { ApiError } from "../../api/client";
import { useResource } from "../../api/resource";
import type { Model } from "../../api/types";
import { language, loadTopic, message, t } from "../../i18n";
import { ConfirmButton } from "../controls/confirm-button";
import { Markdown } from "../controls/markdown";

await loadTopic({ en: () => import("../../i18n/en/audits"), de: () => import("../../i18n/de/audits") });

/** The sections of a model's card that audits added, each with its job while that is kept; nothing without any. */
export function ModelAudits({ model: { name, version } }: { model: Pick<Model, "name" | "version"> }) {
  const known = useResource(`audits ${name}`, (signal) => audits.ofModel(name, signal));
  const remove = async ({ id }: ModelAudit) => {
    try {
      await audits.removeFromCard(name, id);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error; // it was removed meanwhile: the list shows it
    }
    known.reload();
  };
  return known.data?.items.map((audit) => {
    const { text, lang } = message(audit.section_message, audit.section);
    const { version: audited } = audit.model;
    return (
      <section key={audit.id}>
        <Markdown text={text} lang={lang ?? language.value} />
        <p class="is-row">
          <span>
            {audit.job_id ? <a href={`/r/${audit.job_id}`}>{t("audits.toAudit")}</a> : t("audits.deleted")}
            {audited !== version && ` (${t("model.version", { n: audited })})`}
          </span>
          <ConfirmButton isSmall title={t("audits.remove")} onConfirm={() => remove(audit)} />
        </p>
      </section>
    );
  });
}
