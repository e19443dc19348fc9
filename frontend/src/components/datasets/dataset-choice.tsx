import { useId } from "preact/hooks";
import { type ChosenDataset, datasets } from "../../api/datasets";
import { firstItems } from "../../api/lists";
import { useResource } from "../../api/resource";
import type { Dataset, DatasetKind } from "../../api/types";
import { loadTopic, t } from "../../i18n";
import { Notice } from "../shell/notice";

await loadTopic({ en: () => import("../../i18n/en/datasets"), de: () => import("../../i18n/de/datasets") });

const MOST = 500; // in one list: more are found on their own page

interface DatasetChoiceProps {
  kinds: DatasetKind[];
  chosen: ChosenDataset | null;
  error: string | undefined;
  onChoose: (dataset: ChosenDataset | null) => void;
}

/** A dataset to learn from, and which of its versions. */
export function DatasetChoice({ kinds, chosen, error, onChoose }: DatasetChoiceProps) {
  const id = useId();
  const list = useResource("datasets", (signal) => firstItems((page) => datasets.list(page, signal), MOST));
  const own = useResource(chosen?.id ?? null, (signal) => datasets.get(chosen?.id ?? "", signal));
  const fitting = (list.data?.items ?? []).filter(({ kind }) => kinds.includes(kind));
  const isListed = fitting.some((dataset) => dataset.id === chosen?.id);
  const options = own.data && !isListed ? [own.data, ...fitting] : fitting;
  const names = kinds.map((kind) => t(`datasets.kind.${kind}`)).join(", ");
  const problem = error ?? own.error?.message;
  if (list.error && !list.data) return <Notice error={list.error} onRetry={list.reload} />;
  return (
    <div class="field">
      <label for={id}>{t("choice.dataset")}</label>
      <select
        id={id}
        value={chosen?.id ?? ""}
        aria-describedby={`${id}-hint`}
        aria-invalid={problem ? true : undefined}
        onChange={(event) => {
          const { value } = event.currentTarget;
          onChoose(value ? { id: value, version: "" } : null);
        }}
      >
        <option value="">{t("choice.none")}</option>
        {options.map((dataset) => (
          <option key={dataset.id} value={dataset.id}>
            {dataset.name} ({t(`datasets.kind.${dataset.kind}`)}, {sizeOf(dataset)})
          </option>
        ))}
      </select>
      <p class="hint" id={`${id}-hint`}>
        {t("choice.takes", { kinds: names })}{" "}
        {list.data && options.length === 0 && (
          <>
            {t("choice.empty")} <a href="/datasets">{t("choice.create")}</a>
          </>
        )}
      </p>
      {problem && (
        <p class="error" role="alert">
          {problem}
        </p>
      )}
      {own.data && chosen && <Version dataset={own.data} chosen={chosen} onChoose={onChoose} />}
    </div>
  );
}

const sizeOf = ({ kind, newest_version: version, pictures }: Dataset): string =>
  kind === "table"
    ? version
      ? t("datasets.version", { n: version })
      : t("datasets.noVersion")
    : t("datasets.pictures", { n: pictures });

interface VersionProps {
  dataset: Dataset;
  chosen: ChosenDataset;
  onChoose: (dataset: ChosenDataset) => void;
}

function Version({ dataset, chosen, onChoose }: VersionProps) {
  const id = useId();
  const { newest_version: newest } = dataset;
  if (newest === null)
    return (
      <p role="status">
        {t("choice.frozen")} <a href={`/datasets/${dataset.id}?tab=versions`}>{t("choice.makeVersion")}</a>
      </p>
    );
  return (
    <>
      {newest > 1 && (
        <div class="field is-inline">
          <label for={id}>{t("choice.version")}</label>
          <select
            id={id}
            value={chosen.version}
            onChange={(event) => onChoose({ id: chosen.id, version: event.currentTarget.value })}
          >
            <option value="">
              {t("choice.newest")} ({newest})
            </option>
            {Array.from({ length: newest }, (_, index) => newest - index).map((version) => (
              <option key={version} value={String(version)}>
                {version}
              </option>
            ))}
          </select>
        </div>
      )}
      {dataset.is_changed && <p class="hint">{t("fit.changed", { n: newest })}</p>}
    </>
  );
}
