import type { Audited } from "../../api/audits";
import { api } from "../../api/client";
import type { ChosenDataset } from "../../api/datasets";
import { datasets } from "../../api/datasets";
import { useResource } from "../../api/resource";
import type { Job } from "../../api/types";
import type { Values } from "../../form/schema";
import { formatDuration, t } from "../../i18n";

interface ExtentProps {
  capability: Audited;
  dataset: ChosenDataset | null; // of pictures
  rows: number | null; // of a table
  isOfModel: boolean;
  values: Values;
}

const LAST = "12"; // predictions whose times are taken as usual

/** How much is audited, and how long that takes, as far as earlier predictions show it. */
export function Extent({ capability, dataset, rows, isOfModel, values }: ExtentProps) {
  const pictures = useResource(dataset && `${dataset.id} ${dataset.version}`, async (signal) => {
    const { newest_version } = await datasets.get(dataset?.id ?? "", signal);
    const version = Number(dataset?.version) || newest_version;
    if (!version) return null;
    return (await datasets.version(dataset?.id ?? "", version, signal)).report;
  });
  const isPaced = isOfModel && dataset !== null;
  const last = useResource(isPaced ? `pace ${capability.name}` : null, (signal) =>
    api.jobs({ capability: capability.name, task: "predict", status: "succeeded", limit: LAST }, signal),
  );
  if (rows !== null) return <p class="hint">{t("audits.rows", { n: rows })}</p>;
  if (!pictures.data) return null;
  const { counts, splits } = pictures.data;
  const { part } = values;
  const count = part === "test" || part === "validation" ? splits[part] : counts.pictures;
  const pace = median((last.data?.items ?? []).map(secondsOf).filter((one) => one > 0));
  return (
    <p class="hint">
      {t("audits.pictures", { n: count })}
      {pace !== null && count > 0 && ` ${t("audits.takes", { time: formatDuration(pace * count) })}`}
      {values.robustness === true && ` ${t("audits.takesLonger")}`}
    </p>
  );
}

/** The seconds of one prediction without its wait in the queue. */
const secondsOf = ({ timings_ms: { decode, forward } }: Job): number =>
  ((decode ?? 0) + (forward ?? 0)) / 1000;

export function median(values: number[]): number | null {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
}
