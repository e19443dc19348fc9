import { ArrowRight } from "lucide";
import { useCatalog } from "../../api/catalog";
import { takenKinds } from "../../api/datasets";
import type { Dataset } from "../../api/types";
import { label, t } from "../../i18n";
import { Icon } from "../controls/icon";

/** The capabilities that can learn from a dataset. */
export function TrainChoice({ dataset }: { dataset: Dataset }) {
  const { items } = useCatalog();
  const { newest_version: version } = dataset;
  if (!items) return null;
  const able = items.filter((item) => takenKinds(item).includes(dataset.kind));
  return (
    <section class="card" aria-labelledby="fit-title">
      <h2 id="fit-title">{t("dataset.tab.train")}</h2>
      <p class="hint">{t(able.length > 0 ? "fit.lead" : "fit.none")}</p>
      {able.length > 0 && version === null && (
        <p>
          {t("fit.first")} <a href={`/datasets/${dataset.id}?tab=versions`}>{t("versions.make")}</a>
        </p>
      )}
      {version !== null && dataset.is_changed && <p>{t("fit.changed", { n: version })}</p>}
      <ul class="plain-list">
        {able.map((item) => {
          const title = label(`${item.name}.title`, item.title);
          const summary = label(`${item.name}.summary`, item.summary);
          return (
            <li key={item.name} class="is-row">
              <div class="dataset-fit">
                <strong lang={title.lang}>{title.text}</strong>
                <small lang={summary.lang}>{summary.text}</small>
              </div>
              <a
                class="button is-small"
                href={`/train?${new URLSearchParams({ capability: item.name, dataset: dataset.id })}`}
                aria-label={`${t("fit.train")}: ${title.text}`}
              >
                {t("fit.train")}
                <Icon of={ArrowRight} size={16} />
              </a>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
