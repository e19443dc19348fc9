import type { ComponentChildren, RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";
import { formatNumber } from "../../i18n";
import { paintOf } from "./palette";

const LEFT = 58;
const BOTTOM = 40;
const EDGE = 14;
const TOP = 20; // for the name of the y axis
const TICK_WIDTH = 70; // of a number on the x axis and the room around it

export type Range = [low: number, high: number];
export type Point = [x: number, y: number];

export interface Size {
  width: number;
  height: number;
}

const clamped = (value: number, least: number, most: number) => Math.min(Math.max(value, least), most);

/** A drawing as wide as its container, in CSS pixels, so that text stays readable. */
export function useSize(of: RefObject<HTMLElement | null>, isFlat = false): Size {
  const [width, setWidth] = useState(640);
  useEffect(() => {
    const place = of.current;
    if (!place) return;
    const measure = () => setWidth(Math.max(place.clientWidth, 200));
    const observer = new ResizeObserver(measure);
    observer.observe(place);
    measure();
    return () => observer.disconnect();
  }, []);
  return {
    width,
    height: Math.round(isFlat ? clamped(width * 0.4, 240, 320) : clamped(width * 0.65, 280, 480)),
  };
}

/** From the lowest to the highest of the values, never empty. */
const DIGITS = 5;

/** The value with as many digits as distinguish places of the range, however far it is from zero. */
export function short(value: number, [low, high]: Range): number {
  const unit = 10 ** (Math.floor(Math.log10(high - low)) - DIGITS + 1);
  return Number((Math.round(value / unit) * unit).toPrecision(15));
}

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

/** Round numbers within the range, about `count` of them. */
export function ticksOf([low, high]: Range, count = 5): number[] {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((one) => one * power >= rough) ?? 10) * power;
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  );
}

/** For a logarithmic axis: powers of ten, and between them 2 and 5 where there is room. */
export function logTicksOf([low, high]: Range): number[] {
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const factors = last - first > 3 ? [1] : [1, 2, 5];
  return Array.from({ length: last - first + 1 }, (_, index) => 10 ** (first + index))
    .flatMap((power) => factors.map((factor) => Number((factor * power).toPrecision(3))))
    .filter((value) => value >= low && value <= high);
}

export interface Frame extends Size {
  x: Range;
  y: Range;
  isLog: boolean;
  isWhole: boolean;
  place: (point: Point) => Point;
  /** From the picture back to the data, where neither axis is logarithmic; held within the data's ranges. */
  dataAt: (spot: Point) => Point;
}

interface FrameOptions {
  /** The data fills it to its sides. */
  isTight?: boolean;
  /** The y axis is logarithmic; its range is above 0. */
  isLog?: boolean;
  /** The x axis counts: it has no fractions. */
  isWhole?: boolean;
}

/** From the data's ranges to the picture, y upwards. */
export function frameOf(
  x: Range,
  y: Range,
  { width, height }: Size,
  { isTight = false, isLog = false, isWhole = false }: FrameOptions = {},
): Frame {
  const margin = isTight ? 0 : EDGE;
  const up = isLog ? Math.log10 : (value: number) => value;
  const [low, high] = [up(y[0]), up(y[1])];
  const [wide, tall] = [width - LEFT - EDGE - 2 * margin, height - BOTTOM - TOP - 2 * margin];
  return {
    width,
    height,
    x,
    y,
    isLog,
    isWhole,
    place: ([left, value]) => [
      LEFT + margin + ((left - x[0]) / (x[1] - x[0])) * wide,
      height - BOTTOM - margin - ((up(value) - low) / (high - low)) * tall,
    ],
    dataAt: ([left, top]) => [
      clamped(x[0] + ((left - LEFT - margin) / wide) * (x[1] - x[0]), ...x),
      clamped(y[0] + ((height - BOTTOM - margin - top) / tall) * (y[1] - y[0]), ...y),
    ],
  };
}

/** Groups differ in shape as well as in color. */
const SHAPES = [
  "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0",
  "M-4-4h8v8h-8z",
  "M0-5L5 4H-5z",
  "M0-5.5L5.5 0 0 5.5-5.5 0z",
  "M-5-4H5L0 5z",
  "M-1.6-5h3.2v3.4H5v3.2H1.6V5h-3.2V1.6H-5v-3.2h3.4z",
  "M-4-5L5 0-4 5z",
  "M-4.7-2.4L-2.4-4.7 0-2.3 2.4-4.7 4.7-2.4 2.3 0 4.7 2.4 2.4 4.7 0 2.3-2.4 4.7-4.7 2.4-2.3 0z",
  "M-5 3a5 5 0 0 1 10 0z",
  "M0-5.6L1.5-1.8 5.4-1.7 2.3.8 3.3 4.6 0 2.3-3.3 4.6-2.3.8-5.4-1.7-1.5-1.8z",
];

/** The path of a group's shape around the origin. */
export const pathOfGroup = (group: number): string => SHAPES[group % SHAPES.length];

interface MarkProps {
  at: Point;
  group: number;
  fill?: string;
  /** On a colored background: the outline that sets it apart. */
  edge?: string;
}

export function Mark({ at, group, fill, edge }: MarkProps) {
  return (
    <path
      d={pathOfGroup(group)}
      transform={`translate(${at[0].toFixed(1)} ${at[1].toFixed(1)})`}
      fill={fill ?? paintOf(group).line}
      stroke={edge ?? paintOf(group).plate}
    />
  );
}

export interface PlotProps {
  frame: Frame;
  xLabel: string;
  yLabel: string;
  label: string;
  children: ComponentChildren;
}

/** Axes with round numbers and the clipped content between them. */
export function Plot({ frame, xLabel, yLabel, label, children }: PlotProps) {
  const { place, x, y, width, height, isLog, isWhole } = frame;
  const short = (value: number) => formatNumber(value, { notation: "compact", maximumSignificantDigits: 4 });
  const inner = { x: LEFT, y: TOP, width: width - LEFT - EDGE, height: height - BOTTOM - TOP };
  const across = ticksOf(x, clamped(Math.floor(inner.width / TICK_WIDTH), 4, 9)).filter(
    (value) => !isWhole || Number.isInteger(value),
  );
  const up = isLog ? logTicksOf(y) : ticksOf(y);
  return (
    <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label} class="plot">
      <rect class="plot-back" {...inner} />
      {across.map((value) => {
        const left = place([value, y[0]])[0];
        return (
          <g key={value}>
            <path class="plot-grid" d={`M${left} ${TOP}V${height - BOTTOM}`} />
            <text class="plot-tick" x={left} y={height - BOTTOM + 15} text-anchor="middle">
              {short(value)}
            </text>
          </g>
        );
      })}
      {up.map((value) => {
        const top = place([x[0], value])[1];
        return (
          <g key={value}>
            <path class="plot-grid" d={`M${LEFT} ${top}H${width - EDGE}`} />
            <text class="plot-tick" x={LEFT - 6} y={top + 4} text-anchor="end">
              {short(value)}
            </text>
          </g>
        );
      })}
      <svg {...inner} viewBox={`${inner.x} ${inner.y} ${inner.width} ${inner.height}`}>
        {children}
      </svg>
      <text class="plot-axis" x={width - EDGE} y={height - 6} text-anchor="end">
        {xLabel}
      </text>
      <text class="plot-axis" x="4" y="12">
        {yLabel}
      </text>
    </svg>
  );
}
