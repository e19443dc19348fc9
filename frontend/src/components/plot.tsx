import type { ComponentChildren } from "preact";
import { formatNumber } from "../i18n";
import { paintOf } from "./palette";

export const WIDTH = 640;
export const HEIGHT = 420;
const LEFT = 58;
const BOTTOM = 40;
const EDGE = 14;

export type Range = [low: number, high: number];
type Point = [x: number, y: number];

/** From the lowest to the highest of the values, never empty. */
export function rangeOf(values: Iterable<number>): Range {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return [0, 1];
  return low === high ? [low - 0.5, high + 0.5] : [low, high];
}

/** Round numbers within the range, four to eight of them. */
export function ticksOf([low, high]: Range): number[] {
  const rough = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((one) => one * power >= rough) ?? 10) * power;
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first;
  return Array.from({ length: count + 1 }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}

export interface Frame {
  place: (point: Point) => Point;
  x: Range;
  y: Range;
}

/** From the data's ranges to the picture, y upwards. `isTight`: the data fills it to its sides. */
export function frameOf(x: Range, y: Range, isTight = false): Frame {
  const margin = isTight ? 0 : EDGE;
  return {
    x,
    y,
    place: ([left, up]) => [
      LEFT + margin + ((left - x[0]) / (x[1] - x[0])) * (WIDTH - LEFT - EDGE - 2 * margin),
      HEIGHT - BOTTOM - margin - ((up - y[0]) / (y[1] - y[0])) * (HEIGHT - BOTTOM - EDGE - 2 * margin),
    ],
  };
}

/** Groups differ in shape as well as in colour. */
const SHAPES = [
  "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0",
  "M-4-4h8v8h-8z",
  "M0-5L5 4H-5z",
  "M0-5.5L5.5 0 0 5.5-5.5 0z",
  "M-5-4H5L0 5z",
];

interface MarkProps {
  at: Point;
  group: number;
  fill?: string;
  title?: string;
}

export function Mark({ at, group, fill, title }: MarkProps) {
  return (
    <path
      d={SHAPES[group % SHAPES.length]}
      transform={`translate(${at[0].toFixed(1)} ${at[1].toFixed(1)})`}
      fill={fill ?? paintOf(group).line}
      stroke={fill ? "var(--text)" : paintOf(group).plate}
    >
      {title && <title>{title}</title>}
    </path>
  );
}

interface PlotProps {
  frame: Frame;
  xLabel: string;
  yLabel: string;
  label: string;
  children: ComponentChildren;
}

/** Axes with round numbers, and what lies between them; nothing is drawn outside. */
export function Plot({ frame, xLabel, yLabel, label, children }: PlotProps) {
  const { place, x, y } = frame;
  const short = (value: number) => formatNumber(value, { notation: "compact", maximumSignificantDigits: 4 });
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label} class="plot">
      <rect class="plot-back" x={LEFT} y={EDGE} width={WIDTH - LEFT - EDGE} height={HEIGHT - BOTTOM - EDGE} />
      <svg
        x={LEFT}
        y={EDGE}
        width={WIDTH - LEFT - EDGE}
        height={HEIGHT - BOTTOM - EDGE}
        viewBox={`${LEFT} ${EDGE} ${WIDTH - LEFT - EDGE} ${HEIGHT - BOTTOM - EDGE}`}
      >
        {children}
      </svg>
      {ticksOf(x).map((value) => (
        <text
          key={value}
          class="plot-tick"
          x={place([value, y[0]])[0]}
          y={HEIGHT - BOTTOM + 15}
          text-anchor="middle"
        >
          {short(value)}
        </text>
      ))}
      {ticksOf(y).map((value) => (
        <text key={value} class="plot-tick" x={LEFT - 6} y={place([x[0], value])[1] + 4} text-anchor="end">
          {short(value)}
        </text>
      ))}
      <text class="scatter-axis" x={WIDTH - EDGE} y={HEIGHT - 6} text-anchor="end">
        {xLabel}
      </text>
      <text class="scatter-axis" x="4" y="11">
        {yLabel}
      </text>
    </svg>
  );
}
