import { useCapability } from "../../api/catalog";
import { rangeOf } from "../../components/charts/plot";
import { settingText } from "../../components/jobs/job-settings";
import { fieldsOf, type Value } from "../../form/schema";
import { fieldText } from "../../form/texts";
import { formatNumber, t } from "../../i18n";
import { metricName } from "../../i18n/metric-names";
import type { SweepAxis, SweepData } from "../shapes";
import type { Setting } from "./analysis";

/** What a sweep's params, values and figures are called in the reader's language. */
export interface Names {
  figure: string;
  axis: (axis: SweepAxis) => string;
  value: (axis: SweepAxis, value: Value) => string;
  setting: (values: Record<string, Value>) => string;
  /** A figure with as many decimals as distinguish those of the sweep. */
  written: (figure: number | null | undefined) => string;
}

export function useNames(data: SweepData): Names {
  const card = useCapability(data.capability);
  const textsOf = `${data.capability}.${data.of}`;
  const schema = (data.of === "train" ? card?.train_params : card?.predict_params) ?? {};
  const fields = new Map(fieldsOf(schema).map((field) => [field.name, field]));
  const axis = ({ param, title }: SweepAxis) => {
    const field = fields.get(param);
    return field ? fieldText(textsOf, field, "title").text : title;
  };
  const value = ({ param }: SweepAxis, one: Value) => {
    const field = fields.get(param);
    return field ? settingText(textsOf, field, one) : String(one);
  };
  const decimals = decimalsOf(data.cells.map(({ value }) => value));
  return {
    figure: data.figure ? metricName(data.figure) : t("sweep.figure"),
    axis,
    value,
    setting: (values) =>
      data.axes.map((one) => `${axis(one)} ${value(one, values[one.param] ?? null)}`).join(", "),
    written: (figure) => (figure == null ? "–" : figureText(figure, decimals)),
  };
}

const MOST = 6;
const LONG = 1e5; // longer numbers are shortened

/** Three digits of the middle half's range, so that a diverged fit does not hide the differences of the others. */
export function decimalsOf(figures: (number | null)[]): number {
  const sorted = figures.filter((one): one is number => one !== null).sort((one, other) => one - other);
  const middle = sorted.slice(Math.floor(sorted.length / 4), Math.ceil((sorted.length * 3) / 4));
  const [low, high] = rangeOf(middle);
  return Math.min(Math.max(2 - Math.floor(Math.log10(high - low)), 0), MOST);
}

function figureText(figure: number, decimals: number): string {
  if (Math.abs(figure) >= LONG) return formatNumber(figure, { notation: "compact" });
  return formatNumber(figure, { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

/** The name of a setting for a screen reader and a tooltip: its figure, spread, and fits. */
export function summaryText(setting: Setting, names: Names): string {
  const { value, fits } = setting;
  const done = fits.filter(({ status }) => status === "succeeded").length;
  const parts = [names.setting(setting.values)];
  if (value)
    parts.push(
      value.count > 1
        ? t("sweep.meanOf", {
            figure: names.figure,
            mean: names.written(value.mean),
            low: names.written(value.low),
            high: names.written(value.high),
            n: value.count,
          })
        : `${names.figure} ${names.written(value.mean)}`,
    );
  if (done < fits.length) parts.push(t("sweep.doneOf", { done, n: fits.length }));
  return parts.join(": ");
}
