import type { Job } from "../../api/types";
import { formatFigure, t } from "../../i18n";
import { metricName } from "../../i18n/metric-names";
import { foundObjects } from "../boxes/found-objects";
import type { JobSetting } from "./job-settings";

/** The metric by which the models of a capability are compared, in the order in which they are looked for. */
const MAIN = [
  "map50",
  "miou",
  "psnr",
  "psnr_y",
  "ab_psnr",
  "f1_macro",
  "accuracy",
  "r2",
  "rmse",
  "inertia",
  "loss",
];

const isNumber = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);

/** The figure that a list shows of a job: what was found, or how good it is; null: it has none yet. */
export function keyFigure(job: Pick<Job, "result" | "metrics" | "status">): string | null {
  if (job.status !== "succeeded") return null;
  const found = foundObjects(job);
  if (found) return t("objects.title", { n: found.count });
  const result = (job.result ?? {}) as Record<string, unknown>;
  if (Array.isArray(result.clusters)) return t("jobs.clusters", { n: result.clusters.length });
  const quality = result.quality as Record<string, Record<string, unknown>> | undefined;
  return metricFigure(job.metrics) ?? metricFigure(quality?.test ?? {});
}

function metricFigure(metrics: Record<string, unknown>): string | null {
  const name = [...MAIN, ...Object.keys(metrics)].find((one) => isNumber(metrics[one]));
  const value = name === undefined ? null : metrics[name];
  return isNumber(value) ? `${metricName(name ?? "")} ${formatFigure(value, 3)}` : null;
}

const MAX_SETTINGS = 2;

/** The settings that distinguish a job: the first two that are not the usual ones. */
export const keySettings = (settings: JobSetting[]): string[] =>
  settings
    .filter(({ isUsual }) => !isUsual)
    .slice(0, MAX_SETTINGS)
    .map(({ title, text }) => `${title}: ${text}`);
