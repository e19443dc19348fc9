import { useMemo, useRef } from "preact/hooks";
import { ChartTable } from "../../components/charts/chart-table";
import { Legend } from "../../components/charts/legend";
import { heat, paintOf } from "../../components/charts/palette";
import { frameOf, Mark, type Range, rangeOf, type Size, useSize } from "../../components/charts/plot";
import { PlotReader } from "../../components/charts/plot-reader";
import { StepPlayer, usePlayer } from "../../components/charts/step-player";
import { SavePicture } from "../../components/pictures/save-picture";
import { formatNumber, t } from "../../i18n";
import type { StageProps } from "../props";
import type { PlaneData } from "../shapes";

const FAINTEST = 0.12; // where all classes are equally likely

/** The model’s prediction at every point of a plane, step by step, and the rows with their actual values. */
export function Plane({ data, view, part }: StageProps<PlaneData>) {
  const place = useRef<HTMLDivElement>(null);
  const player = usePlayer(view, data.steps.length, place, part !== "sample");
  const size = useSize(place);
  const step = data.steps[player.at];
  const isClasses = data.labels.length > 0;
  const values = useMemo(() => rangeOf(data.points.values), [data]);
  const actual = (value: number) => (isClasses ? data.labels[value] : formatNumber(value));
  return (
    <div ref={place} class="stage-main scatter player">
      <Picture data={data} at={player.at} size={size} values={values} actual={actual} />
      {isClasses ? <Legend names={data.labels} /> : <HeatLegend values={values} unit={data.unit} />}
      {part !== "sample" && <StepPlayer player={player} />}
      <p class="hint" role="status">
        {step.name}
        {data.measures.map((name, index) => `, ${name} ${formatNumber(step.values[index] ?? Number.NaN)}`)}.{" "}
        {t("scatter.drawn", { n: data.points.rows.length, total: data.total })}
      </p>
      <div class="actions">
        <SavePicture of={place} name={`${data.y_label}-${data.x_label}`} />
      </div>
      <ChartTable
        tables={() => [
          {
            caption: t("scatter.points"),
            columns: [t("scatter.row"), data.x_label, data.y_label, t("plane.actual"), t("plane.predicted")],
            rows: data.points.places.map((point, index) => [
              data.points.rows[index],
              ...point,
              isClasses ? actual(data.points.values[index]) : data.points.values[index],
              predictionAt(data, player.at, point),
            ]),
          },
        ]}
      />
    </div>
  );
}

/** The prediction in the cell of the field that contains the point. */
function predictionAt(data: PlaneData, at: number, [x, y]: [number, number]): string | number | null {
  const cell = (value: number, [low, high]: Range, count: number) =>
    Math.min(Math.max(Math.round(((value - low) / (high - low)) * (count - 1)), 0), count - 1);
  const value =
    data.steps[at].field[cell(y, data.y, data.rows) * data.columns + cell(x, data.x, data.columns)];
  return value !== null && data.labels.length > 0 ? data.labels[value] : value;
}

interface PictureProps {
  data: PlaneData;
  at: number;
  size: Size;
  values: Range;
  actual: (value: number) => string;
}

function Picture({ data, at, size, values, actual }: PictureProps) {
  const isClasses = data.labels.length > 0;
  const frame = useMemo(() => frameOf(data.x, data.y, size, { isTight: true }), [data, size.width]);
  const spots = useMemo(() => data.points.places.map(frame.place), [frame]);
  const field = useMemo(() => fieldOf(data, at, values), [data, at]);
  const [left, bottom] = frame.place([data.x[0], data.y[0]]);
  const [right, top] = frame.place([data.x[1], data.y[1]]);
  const share = (value: number) => (value - values[0]) / (values[1] - values[0]);
  const textOf = (index: number) => {
    const [x, y] = data.points.places[index];
    const predicted = predictionAt(data, at, [x, y]);
    return [
      `${t("scatter.row")} ${data.points.rows[index]}`,
      `${data.x_label} ${formatNumber(x)}`,
      `${data.y_label} ${formatNumber(y)}`,
      `${t("plane.actual")} ${actual(data.points.values[index])}`,
      `${t("plane.predicted")} ${typeof predicted === "number" ? formatNumber(predicted) : (predicted ?? "–")}`,
    ].join(", ");
  };
  return (
    <PlotReader
      spots={spots}
      textOf={textOf}
      frame={frame}
      xLabel={data.x_label}
      yLabel={data.y_label}
      label={t("plane.picture", { x: data.x_label, y: data.y_label, step: data.steps[at].name })}
    >
      <image
        href={field}
        x={left}
        y={top}
        width={right - left}
        height={bottom - top}
        preserveAspectRatio="none"
      />
      {spots.map((spot, index) => {
        const value = data.points.values[index];
        return (
          <Mark
            key={index}
            at={spot}
            edge={isClasses ? "var(--text)" : share(value) < 0.5 ? "#fff" : "#14181f"}
            group={isClasses ? value : 0}
            fill={isClasses ? undefined : `rgb(${heat(share(value)).join(" ")})`}
          />
        );
      })}
    </PlotReader>
  );
}

/** The field as a small image, with its lowest row at the bottom. */
function fieldOf({ rows, columns, labels, steps }: PlaneData, at: number, values: Range): string {
  const canvas = document.createElement("canvas");
  canvas.width = columns;
  canvas.height = rows;
  const context = canvas.getContext("2d");
  if (!context) return "";
  const { field, certainty } = steps[at];
  const least = labels.length > 0 ? 1 / labels.length : 0;
  for (const [index, value] of field.entries()) {
    if (value === null) continue;
    if (labels.length > 0) {
      const sure = ((certainty?.[index] ?? 1) - least) / (1 - least);
      context.globalAlpha = FAINTEST + (0.75 - FAINTEST) * Math.max(sure, 0);
      context.fillStyle = paintOf(value).line;
    } else {
      context.fillStyle = `rgb(${heat((value - values[0]) / (values[1] - values[0])).join(" ")})`;
    }
    context.fillRect(index % columns, rows - 1 - Math.floor(index / columns), 1, 1);
  }
  return canvas.toDataURL();
}

const SHADES = 32;

/** The color scale from the lowest to the highest value. */
function HeatLegend({ values, unit }: { values: Range; unit: string }) {
  return (
    <ul class="legend">
      <li>
        <svg viewBox="0 0 160 12" width="160" height="12" aria-hidden="true">
          {Array.from({ length: SHADES }, (_, shade) => (
            <rect
              key={shade}
              x={(shade * 160) / SHADES}
              width={160 / SHADES + 0.5}
              height="12"
              fill={`rgb(${heat(shade / (SHADES - 1)).join(" ")})`}
            />
          ))}
        </svg>
        {formatNumber(values[0])} … {formatNumber(values[1])} {unit}
      </li>
    </ul>
  );
}
