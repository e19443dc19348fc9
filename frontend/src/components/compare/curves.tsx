import { useEffect, useId, useMemo, useState } from "preact/hooks";
import { JobStream, type MetricPoint } from "../../api/job-stream";
import { t } from "../../i18n";
import { metricName } from "../../i18n/metric-names";
import { LineChart, type Series } from "../charts/line-chart";
import { LossTools } from "../charts/loss-tools";
import { chartsOf, smoothed } from "../charts/metric-series";
import { type Item, legendOf } from "./items";

interface OverlaidChart {
  metric: string;
  isLoss: boolean;
  series: Series[]; // one for each run that reports the metric
}

/** A chart for each metric, with a line for each run. */
export function overlaid(runs: { name: string; points: MetricPoint[] }[]): OverlaidChart[] {
  const charts = new Map<string, OverlaidChart>();
  for (const { name, points } of runs)
    for (const chart of chartsOf(points))
      for (const { name: metric, x, y } of chart.series) {
        const one = charts.get(metric) ?? { metric, isLoss: chart.name === "loss", series: [] };
        one.series.push({ name, x, y });
        charts.set(metric, one);
      }
  return [...charts.values()];
}

/** The metrics of several trainings over their steps; those of running ones grow. */
export function Curves({ items }: { items: Item[] }) {
  const id = useId();
  const [weight, setWeight] = useState(0);
  const [isLog, setLog] = useState(false);
  const ids = items.map(({ job }) => job?.id ?? "").join(" ");
  // a finished one ends its stream at once, and of the others one runs at a time
  const streams = useMemo(() => ids.split(" ").map((one) => new JobStream(one, true)), [ids]);
  useEffect(() => {
    for (const stream of streams) void stream.start();
    return () => {
      for (const stream of streams) stream.stop();
    };
  }, [streams]);
  const charts = overlaid(
    items.map((item, index) => ({ name: legendOf(item), points: streams[index].metrics.value })),
  );
  const isEnded = streams.every((stream) => stream.link.value === "finished");
  if (charts.length === 0) return isEnded ? null : <p class="card empty">{t("comparison.noCurves")}</p>;
  return (
    <section class="card" aria-labelledby={`${id}-title`}>
      <header class="card-head is-split">
        <h2 id={`${id}-title`}>{t("comparison.curves")}</h2>
        {charts.some(({ isLoss }) => isLoss) && (
          <LossTools weight={weight} isLog={isLog} onWeight={setWeight} onLog={setLog} />
        )}
      </header>
      <div class="versus-charts">
        {charts.map(({ metric, isLoss, series }) => (
          <section key={metric} aria-labelledby={`${id}-${metric}`}>
            <h3 id={`${id}-${metric}`}>{metricName(metric)}</h3>
            <LineChart
              xLabel={t("training.step")}
              yLabel={metricName(metric)}
              series={isLoss ? series.map((one) => smoothed(one, weight)) : series}
              isLog={isLoss && isLog}
            />
          </section>
        ))}
      </div>
    </section>
  );
}
