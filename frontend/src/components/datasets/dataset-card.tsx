import { Images, Table } from "lucide";
import type { Dataset } from "../../api/types";
import { formatAgo, t } from "../../i18n";
import { Icon } from "../controls/icon";

/** One dataset in the list: its first pictures, its size and its state. */
export function DatasetCard({ dataset }: { dataset: Dataset }) {
  const { preview, kind } = dataset;
  return (
    <>
      <div class={`dataset-preview is-${Math.min(preview.length, 4)}`} aria-hidden="true">
        {preview.slice(0, 4).map((url) => (
          <img key={url} src={url} alt="" loading="lazy" />
        ))}
        {preview.length === 0 && <Icon of={kind === "table" ? Table : Images} size={32} />}
      </div>
      <div class="dataset-text">
        <h2>
          <a href={`/datasets/${dataset.id}`}>{dataset.name}</a>
        </h2>
        <DatasetTags dataset={dataset} />
        <p class="hint">{[...countsOf(dataset), formatAgo(dataset.updated_at)].join(" · ")}</p>
      </div>
    </>
  );
}

/** How much there is of everything that the kind has. */
export function countsOf({ kind, pictures, labeled, classes }: Dataset): string[] {
  if (kind === "table") return [];
  const isLabeled = kind !== "pictures";
  return [
    t("datasets.pictures", { n: pictures }),
    ...(isLabeled
      ? [t("datasets.labeled", { n: labeled }), t("datasets.classes", { n: classes.length })]
      : []),
  ];
}

export function DatasetTags({ dataset }: { dataset: Dataset }) {
  const { newest_version: version, is_changed } = dataset;
  return (
    <p class="tags">
      <span class="tag is-strong">{t(`datasets.kind.${dataset.kind}`)}</span>
      <span class={version ? "tag" : "tag is-quiet"}>
        {version ? t("datasets.version", { n: version }) : t("datasets.noVersion")}
      </span>
      {version !== null && is_changed && (
        <span class="tag is-quiet">{t("datasets.changed", { n: version })}</span>
      )}
      {dataset.job_id && <span class="tag is-quiet">{t("datasets.checking")}</span>}
    </p>
  );
}
