import { useMemo, useRef } from "preact/hooks";
import { formatFigure, formatNumber } from "../../i18n";
import { SavePicture } from "../pictures/save-picture";
import { ChartTable } from "./chart-table";
import { type Frame, frameOf, type Point, type Range, rangeOf, useSize } from "./plot";
import { PlotReader } from "./plot-reader";

export interface Series {
  name: string;
  x: number[];
  y: (number | null)[];
}

interface LineChartProps {
  xLabel: string;
  yLabel: string;
  series: Series[];
  isLog?: boolean;
  /** Places on the x axis, drawn as vertical lines and named in the legend. */
  marks?: { x: number; label: string }[];
}

const DASHES = ["", "7 4", "2 3", "10 3 2 3"]; // series differ in more than color
const COLOURS = 4;

const look = (index: number) => ({
  stroke: `var(--series-${(index % COLOURS) + 1})`,
  strokeDasharray: DASHES[Math.floor(index / COLOURS + (index % COLOURS)) % DASHES.length],
});

/** Series over one axis: the union of their x values, with null for missing values. */
export function aligned(series: Series[]): [number[], ...(number | null)[][]] {
  const xs = [...new Set(series.flatMap((one) => one.x))].sort((a, b) => a - b);
  const columns = series.map((one) => {
    const known = new Map(one.x.map((x, index) => [x, one.y[index]]));
    return xs.map((x) => known.get(x) ?? null);
  });
  return [xs, ...columns];
}

const isDrawn = (y: number | null, isLog: boolean): y is number =>
  y !== null && Number.isFinite(y) && (!isLog || y > 0);

/**
 * A line's way through the picture. Of the many points of one pixel's width the first, the lowest, the highest and
 * the last are drawn: more cannot be seen. A null does not part the line: series are measured at different steps.
 */
export function wayOf(series: Series, frame: Frame): string {
  const columns = new Map<number, Point[]>();
  for (const [index, x] of series.x.entries()) {
    const y = series.y[index];
    if (!isDrawn(y, frame.isLog)) continue;
    const point = frame.place([x, y]);
    const column = columns.get(Math.round(point[0]));
    if (column) column.push(point);
    else columns.set(Math.round(point[0]), [point]);
  }
  const kept = [...columns.values()].flatMap((points) => {
    if (points.length < 5) return points;
    const heights = points.map(([, y]) => y);
    const extremes = [heights.indexOf(Math.min(...heights)), heights.indexOf(Math.max(...heights))];
    return [...new Set([0, ...extremes.sort((a, b) => a - b), points.length - 1])].map((one) => points[one]);
  });
  const way = kept.map((point) => point.map((value) => value.toFixed(1)).join(" ")).join("L");
  return kept.length === 1 ? `${way}h0` : way; // a dot, by its round ends
}

/** Lines as a plot that can be read point by point, and as a table. */
export function LineChart({ xLabel, yLabel, series, isLog = false, marks = [] }: LineChartProps) {
  const place = useRef<HTMLElement>(null);
  const size = useSize(place, true);
  const data = useMemo(() => aligned(series), [series]);
  const [xs, ...columns] = data;
  const drawn = columns.flat().filter((y): y is number => isDrawn(y, isLog));
  const [low, high]: Range = rangeOf(drawn);
  const across: Range = xs.length === 1 ? [xs[0], xs[0] + 1] : rangeOf(xs); // a curve begins at its left
  const frame = frameOf(across, isLog && low <= 0 ? [0.1, 1] : [low, high], size, {
    isLog,
    isWhole: xs.every(Number.isInteger),
  });
  const textOf = (index: number) =>
    [
      `${xLabel} ${formatNumber(xs[index])}`,
      ...series.flatMap(({ name }, one) => {
        const value = columns[one][index];
        return value === null ? [] : [`${name} ${formatFigure(value)}`];
      }),
      ...marks.filter(({ x }) => x === xs[index]).map(({ label }) => label),
    ].join(", ");
  return (
    <figure class="chart" ref={place}>
      <PlotReader
        frame={frame}
        xLabel={xLabel}
        yLabel={yLabel}
        label={`${yLabel}, ${xLabel}`}
        spots={xs.map((x) => frame.place([x, frame.y[0]]))}
        textOf={textOf}
        rest={xs.length > 0 ? textOf(xs.length - 1) : undefined}
        isAcross
      >
        {series.map((one, index) => (
          <path key={one.name} class="plot-line" style={look(index)} d={`M${wayOf(one, frame)}`} />
        ))}
        {marks.map(({ x, label }) => (
          <path
            key={label}
            class="plot-mark"
            d={`M${frame.place([x, frame.y[0]]).join(" ")}L${frame.place([x, frame.y[1]]).join(" ")}`}
          />
        ))}
      </PlotReader>
      <ul class="legend">
        {series.map(({ name }, index) => (
          <li key={name}>
            <svg viewBox="0 0 24 14" width="24" height="14" aria-hidden="true">
              <path class="plot-line" style={look(index)} d="M0 7H24" />
            </svg>
            {name}
          </li>
        ))}
        {marks.map(({ x, label }) => (
          <li key={label}>
            <svg viewBox="0 0 24 14" width="24" height="14" aria-hidden="true">
              <path class="plot-mark" d="M12 0V14" />
            </svg>
            {label}: {xLabel} {formatNumber(x)}
          </li>
        ))}
      </ul>
      <div class="actions">
        <SavePicture of={place} name={`${yLabel}-${xLabel}`} />
      </div>
      <ChartTable
        tables={() => [
          {
            caption: `${yLabel}, ${xLabel}`,
            columns: [xLabel, ...series.map(({ name }) => name)],
            rows: xs.map((x, index) => [x, ...columns.map((column) => column[index])]).reverse(),
          },
        ]}
      />
    </figure>
  );
}
