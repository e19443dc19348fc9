import type { MetricPoint } from "../../api/job-stream";
import type { Series } from "./line-chart";

export interface MetricChart {
  name: "loss" | "metrics" | "schedule";
  series: Series[];
}

const isLoss = (name: string): boolean => name.toLowerCase().includes("loss");
const isValidation = (name: string): boolean => /^(val|validation)(_|$)/.test(name);

const isSchedule = (name: string): boolean => /(^|_)(rate|lr)$/.test(name);

/** One chart for losses, one for metrics (mostly between 0 and 1), and one for the schedule. */
export function chartsOf(points: MetricPoint[]): MetricChart[] {
  const names = [...new Set(points.flatMap(({ values }) => Object.keys(values)))];
  const kindOf = (name: string) => (isLoss(name) ? "loss" : isSchedule(name) ? "schedule" : "metrics");
  const charts = (["loss", "metrics", "schedule"] as const).map((name) => ({
    name,
    names: names.filter((metric) => kindOf(metric) === name),
  }));
  return charts
    .filter((chart) => chart.names.length > 0)
    .map(({ name, names: own }) => ({
      name,
      series: own
        .toSorted((a, b) => Number(isValidation(a)) - Number(isValidation(b)) || a.length - b.length)
        .map((metric) => seriesOf(metric, points)),
    }));
}

function seriesOf(name: string, points: MetricPoint[]): Series {
  const known = points.filter(({ values }) => name in values);
  return { name, x: known.map(({ step }) => step), y: known.map(({ values }) => values[name]) };
}

/** Exponential smoothing: 0 shows the values as they are, values near 1 only the trend. */
export function smoothed(series: Series, weight: number): Series {
  if (weight === 0) return series;
  let [mean, total] = [0, 0];
  const y = series.y.map((value) => {
    if (value === null || !Number.isFinite(value)) return value;
    mean = mean * weight + value * (1 - weight);
    total = total * weight + (1 - weight);
    return mean / total; // bias correction: early means would lean to zero
  });
  return { ...series, y };
}
