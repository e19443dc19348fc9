import type { Capability, Job } from "../../api/types";
import { formatDuration, t } from "../../i18n";
import { metricRows } from "../../i18n/metric-names";
import { settingsOf } from "../jobs/job-settings";
import { keyFigure } from "../jobs/job-summary";
import { withIntervals } from "../results/evaluation";
import { capabilityOf, type Item, nameOf } from "./items";

/** One setting or fact of all items; null: the item has none of it. */
export interface SettingRow {
  name: string;
  title: string;
  texts: (string | null)[];
  isSame: boolean;
  isOutcome: boolean; // not chosen by anybody
}

const OUTCOMES = new Set(["=answer", "=duration"]);

/** The settings of all items by name, those that differ first. */
export function settingRows(items: Item[], capabilities: Capability[]): SettingRow[] {
  const lists = items.map((item) => factsOf(item, capabilities));
  const titles = new Map(lists.flatMap((list) => list.map(({ name, title }) => [name, title] as const)));
  const rows = [...titles].map(([name, title]) => {
    const texts = lists.map((list) => list.find((one) => one.name === name)?.text ?? null);
    return { name, title, texts, isSame: new Set(texts).size === 1, isOutcome: OUTCOMES.has(name) };
  });
  return rows.toSorted((a, b) => Number(a.isSame) - Number(b.isSame));
}

/** The items, those of the same name with the first setting that differs between them. */
export function distinguished(items: Item[], capabilities: Capability[]): Item[] {
  const count = (name: string) => items.filter((item) => nameOf(item) === name).length;
  const row = settingRows(items, capabilities).find(({ isSame, isOutcome }) => !isSame && !isOutcome);
  if (!row) return items;
  return items.map((item, index) =>
    count(nameOf(item)) > 1 ? { ...item, detail: `${row.title}: ${row.texts[index] ?? "–"}` } : item,
  );
}

interface Fact {
  name: string;
  title: string;
  text: string;
}

function factsOf(item: Item, capabilities: Capability[]): Fact[] {
  const { job, model } = item;
  const capability = capabilities.find(({ name }) => name === capabilityOf(item)) ?? null;
  const facts: Fact[] = [];
  const add = (name: string, title: string, text: string | null | undefined) => {
    if (text) facts.push({ name: `=${name}`, title, text }); // no param is named so
  };
  add("capability", t("train.capability"), capability?.title ?? capabilityOf(item));
  if (model) add("architecture", t("model.architecture"), model.architecture);
  if (model) add("license", t("model.license"), model.license);
  if (!job) return facts;
  if (item.kind === "result" && job.model)
    add("model", t("model.model"), `${job.model.name} ${t("model.version", { n: job.model.version })}`);
  if (job.task === "train") add("data", t("comparison.data"), dataOf(job));
  if (item.kind === "result") add("answer", t("comparison.answer"), keyFigure(job));
  add("duration", t("comparison.duration"), durationOf(job));
  return [...facts, ...settingsOf(job, capability)];
}

/** The data of a training, as far as it is known before its end. */
function dataOf(job: Job): string {
  const data = (job.result as { data?: { name?: string } } | null)?.data;
  if (data?.name) return data.name;
  const inputs = Object.values(job.inputs);
  if (inputs.length === 0) return t("comparison.shippedData");
  return inputs[0] ? job.name : t("comparison.deleted");
}

function durationOf({ started_at, finished_at }: Job): string | null {
  if (!started_at || !finished_at) return null;
  return formatDuration((Date.parse(finished_at) - Date.parse(started_at)) / 1000);
}

type Numbers = Record<string, number | null>;

/** One metric of all items. */
export interface FigureRow {
  name: string;
  title: string;
  texts: (string | null)[];
  direction: "higher" | "lower" | null; // null: neither is known to be better
  best: number[]; // indices; empty: none, or all are equal
  isClear: boolean; // no interval of another value overlaps that of the best
}

export function figureRows(items: Item[]): FigureRow[] {
  const all = items.map(numbersOf);
  const lists = all.map((values) => metricRows(values));
  const titles = new Map(lists.flatMap((rows) => rows.map(({ name, title }) => [name, title] as const)));
  return [...titles].map(([name, title]) => ({
    name,
    title,
    texts: lists.map((rows) => rows.find((row) => row.name === name)?.text ?? null),
    ...bestOf(name, all),
  }));
}

/** What was measured: of a model, at its training with intervals, or as it was published. */
function numbersOf({ job, model, kind }: Item): Numbers {
  const measured = job && kind !== "result" ? withIntervals(job) : {};
  return model ? { ...model.metrics, ...measured } : { ...(job?.metrics ?? {}), ...measured };
}

const LOWER =
  /(^|_)(loss|error|rmse|mae|mse|inertia|kl|elbo|entropy|ciede2000|distance|brier|fid|seconds)(_|$)|log_loss|^worse_/;
const HIGHER =
  /(^|_)(map\d*|ap\d*|m?iou|psnr|ssim|f1|f|accuracy|precision|recall|r2|auc|silhouette|dice|top\d|gain|share|sharpness)(_|$)/;

/** Which direction of a metric is better; null: it is not known, or a count. */
export function directionOf(name: string): "higher" | "lower" | null {
  if (LOWER.test(name)) return "lower";
  return HIGHER.test(name) ? "higher" : null;
}

function bestOf(name: string, all: Numbers[]): Pick<FigureRow, "direction" | "best" | "isClear"> {
  const direction = directionOf(name);
  const values = all.map((one) => one[name]);
  const known = values.filter((value) => typeof value === "number");
  if (!direction || known.length < 2) return { direction, best: [], isClear: true };
  const top = direction === "higher" ? Math.max(...known) : Math.min(...known);
  const best = values.flatMap((value, index) => (value === top ? [index] : []));
  if (best.length === known.length) return { direction, best: [], isClear: true };
  const ends = all.map((one): [number, number] | null => {
    const [low, high] = [one[`${name}_low`], one[`${name}_high`]];
    return typeof low === "number" && typeof high === "number" ? [low, high] : null;
  });
  const own = ends[best[0]];
  const isClear = !own || ends.every((end, index) => best.includes(index) || !end || !overlap(own, end));
  return { direction, best, isClear };
}

const overlap = ([low, high]: [number, number], [otherLow, otherHigh]: [number, number]): boolean =>
  low <= otherHigh && otherLow <= high;
