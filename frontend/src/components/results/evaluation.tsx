import type { Job } from "../../api/types";
import { type Key, t } from "../../i18n";
import { metricName } from "../../i18n/metric-names";
import { DataTable } from "../tables/data-table";

type Numbers = Record<string, number | null>;

/** What a training measured beside its metrics: on rows of a table, objects in pictures, or their pixels. */
interface Evaluated {
  intervals?: { metrics: Record<string, [number, number] | null> };
  baseline?: Numbers | null;
  cross_validation?: { folds: number; mean: Numbers; std: Numbers } | null;
  by_class?: ({ class: string } & Numbers)[] | null;
}

/** The metrics with the ends of their intervals, as `metricRows` takes them. */
export function withIntervals(job: Job): Numbers {
  const { intervals } = (job.result ?? {}) as Evaluated;
  const ends = Object.entries(intervals?.metrics ?? {}).flatMap(([name, interval]) =>
    interval && name in job.metrics
      ? [
          [`${name}_low`, interval[0]],
          [`${name}_high`, interval[1]],
        ]
      : [],
  );
  return { ...job.metrics, ...Object.fromEntries(ends) };
}

const COUNTS: Record<string, Key> = {
  rows: "evaluation.rows",
  predicted: "evaluation.predicted",
  objects: "evaluation.objects",
  found: "evaluation.found",
};
const OF_CLASS = [...Object.keys(COUNTS), "ap50", "iou", "recall", "precision", "f1"];

/** What the rows of the classes hold: rows and predictions, objects and AP, or the IoU of pixels. */
export const measuresOf = (classes: object[]): string[] =>
  OF_CLASS.filter((name) => classes.some((one) => name in one));

const columnName = (name: string): string => (name in COUNTS ? t(COUNTS[name]) : metricName(name));

/** The metrics beside those of the baseline and of the folds, and the quality of each class; nothing without them. */
export function Evaluation({ job }: { job: Job }) {
  const { baseline, cross_validation: folds, by_class: classes } = (job.result ?? {}) as Evaluated;
  const names = Object.keys(baseline ?? {}).filter((name) => name in job.metrics);
  if (names.length === 0 && !classes?.length) return null;
  const compared = names.map((name) => [
    metricName(name),
    job.metrics[name] ?? null,
    baseline?.[name] ?? null,
    ...(folds ? [folds.mean[name] ?? null, folds.std[name] ?? null] : []),
  ]);
  const known = measuresOf(classes ?? []);
  const columns = [
    t("evaluation.metric"),
    t("evaluation.model"),
    t("evaluation.baseline"),
    ...(folds ? [t("evaluation.mean", { n: folds.folds }), t("evaluation.deviation")] : []),
  ];
  return (
    <>
      {names.length > 0 && (
        <DataTable
          caption={t("evaluation.compared")}
          columns={columns.map((name) => ({ name }))}
          rows={compared}
        />
      )}
      {classes && classes.length > 0 && (
        <DataTable
          caption={t("evaluation.byClass")}
          columns={[{ name: t("evaluation.class") }, ...known.map((name) => ({ name: columnName(name) }))]}
          rows={classes.map((one) => [one.class, ...known.map((name) => one[name] ?? null)])}
        />
      )}
    </>
  );
}
