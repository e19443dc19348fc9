import { formatFigure, formatNumber, type Key, loadTopic, messageOf, t } from "./index";

void loadTopic({ en: () => import("./en/metrics"), de: () => import("./de/metrics") });

const PARTS: Record<string, Key> = {
  val: "metric.validation",
  validation: "metric.validation",
  train: "metric.training",
  training: "metric.training",
  test: "metric.test",
};
const LEVEL = /^(.+)_level_(\d+)$/;
const NUMBERED = /^(psnr|ssim)_(\d+)$/;

/** The name of a metric in the reader's language: `val_map50` is "mAP50, validation". Unknown ones are spelled out. */
export function metricName(name: string): string {
  const known = messageOf(`metric.${name}`);
  if (known) return known;
  const [, leveled, level] = LEVEL.exec(name) ?? NUMBERED.exec(name) ?? [];
  if (leveled) return t("metric.level", { name: metricName(leveled), n: level });
  const pieces = name.split("_");
  if (pieces.length > 1 && pieces[0] in PARTS)
    return t(PARTS[pieces[0]], { name: metricName(pieces.slice(1).join("_")) });
  // of one class: iou_flower, ap50_flower
  for (let count = pieces.length - 1; count > 0; count--) {
    const start = messageOf(`metric.${pieces.slice(0, count).join("_")}`);
    if (start) return t("metric.part", { name: start, part: pieces.slice(count).join(" ") });
  }
  return spelled(name);
}

/** A name that a program gave, spelled out. */
export const spelled = (name: string): string => {
  const text = name.replaceAll("_", " ").trim();
  return text.charAt(0).toUpperCase() + text.slice(1);
};

export interface MetricRow {
  name: string;
  title: string;
  text: string;
}

/** Metrics to be read: those without a value are left out, and `x_low` and `x_high` are the interval of `x`. */
export function metricRows(values: Record<string, number | null>): MetricRow[] {
  const has = (name: string) => typeof values[name] === "number";
  const isEnd = (name: string) => /_(low|high)$/.test(name) && has(name.replace(/_(low|high)$/, ""));
  const written = (name: string, options?: Intl.NumberFormatOptions) => {
    const value = values[name] ?? 0;
    return options ? formatNumber(value, options) : formatFigure(value, Math.abs(value) < 1 ? 3 : 4);
  };
  const even = { minimumSignificantDigits: 3, maximumSignificantDigits: 3 };
  return Object.keys(values)
    .filter((name) => has(name) && !isEnd(name))
    .map((name) => {
      const [low, high] = [`${name}_low`, `${name}_high`];
      const text =
        has(low) && has(high)
          ? t("metric.interval", {
              value: written(name, even),
              low: written(low, even),
              high: written(high, even),
            })
          : written(name);
      return { name, title: metricName(name), text };
    });
}
