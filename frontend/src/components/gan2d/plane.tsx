import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "../../i18n";
import { CELLS, contour, fieldOf, mappedGrid } from "../../networks/gan2d/field";
import { type Point, REACH } from "../../networks/gan2d/shapes";
import type { Simulation } from "../../networks/gan2d/simulation";

export const LAYERS = ["field", "arrows", "grid"] as const;
export type Layer = (typeof LAYERS)[number];

interface PlaneProps {
  simulation: Simulation;
  turn: number;
  layers: readonly Layer[];
  label: string;
  hintId: string;
  /** Points are drawn by the user; null: they are given. */
  onDraw: ((points: Point[]) => void) | null;
}

const SIDE = 2 * REACH;
const ARROWS_OF = 4; // one in four points has an arrow: more would hide each other
const LONGEST = 0.4; // arrow
const HEAD = 0.07;
const KEY_STEP = 0.1;

/** The plane: the verdict as colors, real and generated points, and where these are pushed. */
export function Plane({ simulation, turn, layers, label, hintId, onDraw }: PlaneProps) {
  const { gan, real } = simulation;
  const canvas = useRef<HTMLCanvasElement>(null);
  const made = simulation.made();
  const some = made.subarray(0, made.length / ARROWS_OF);
  const field = fieldOf(gan);
  useLayoutEffect(() => {
    if (canvas.current) drawField(canvas.current, layers.includes("field") ? field : null);
  }, [simulation, turn, layers]);
  return (
    <Drawable onDraw={onDraw} drawn={simulation.settings.drawn} label={label} hintId={hintId}>
      <canvas ref={canvas} width={CELLS} height={CELLS} />
      <svg viewBox={`${-REACH} ${-REACH} ${SIDE} ${SIDE}`} role="img" aria-label={label}>
        <path class="gan-axes" d={`M${-REACH} 0H${REACH}M0 ${-REACH}V${REACH}`} />
        {layers.includes("field") && (
          <path
            class="gan-boundary"
            d={contour(field, 0.5)
              .map(([from, to]) => `M${at(from)}L${at(to)}`)
              .join("")}
          />
        )}
        {layers.includes("grid") && <path class="gan-grid" d={mappedGrid(gan).map(wayOf).join("")} />}
        <path class="gan-real-edge" d={dots(real)} />
        <path class="gan-real" d={dots(real)} />
        <path class="gan-made" d={triangles(made)} />
        {layers.includes("arrows") && <path class="gan-arrows" d={arrows(some, gan.pushes(some))} />}
      </svg>
    </Drawable>
  );
}

const short = (value: number): string => value.toFixed(3);
/** In the picture y points down. */
const at = ([x, y]: Point): string => `${short(x)} ${short(-y)}`;
/** Points that a picture cannot show are left out: far outside, or no numbers. */
const isShown = ([x, y]: Point): boolean => Math.abs(x) < 3 * REACH && Math.abs(y) < 3 * REACH;

const pointsOf = (values: ArrayLike<number>): Point[] =>
  Array.from({ length: values.length / 2 }, (_, index) => [values[2 * index], values[2 * index + 1]]);

/** Lines without length; their round ends are the dots. */
const dots = (values: ArrayLike<number>): string =>
  pointsOf(values)
    .filter(isShown)
    .map((point) => `M${at(point)}h0`)
    .join("");

const triangles = (values: ArrayLike<number>): string =>
  pointsOf(values)
    .filter(isShown)
    .map((point) => `M${at(point)}m0-.042l.042 .075h-.084z`)
    .join("");

const wayOf = (line: ArrayLike<number>): string =>
  `M${pointsOf(line)
    .map(([x, y]) => at([held(x), held(y)]))
    .join("L")}`;
const held = (value: number): number => Math.min(Math.max(value || 0, -3 * REACH), 3 * REACH);

function arrows(from: ArrayLike<number>, pushes: ArrayLike<number>): string {
  const directions = pointsOf(pushes);
  return pointsOf(from)
    .flatMap((point, index) => {
      const [x, y] = directions[index];
      const length = Math.hypot(x, y);
      if (!isShown(point) || !(length > 0)) return [];
      const reach = Math.min(length, LONGEST) / length;
      const tip: Point = [point[0] + x * reach, point[1] + y * reach];
      const [along, aside] = [(HEAD * x) / length, (HEAD * y) / length];
      return [
        `M${at(point)}L${at(tip)}`,
        `M${at([tip[0] - along - aside / 2, tip[1] - aside + along / 2])}L${at(tip)}`,
        `L${at([tip[0] - along + aside / 2, tip[1] - aside - along / 2])}`,
      ];
    })
    .join("");
}

// the colors of real and of generated points, from clear to strong with the certainty
const REAL = [40, 110, 240];
const MADE = [235, 120, 0];
const STRONGEST = 150; // of 255

function drawField(canvas: HTMLCanvasElement, field: Float64Array | null): void {
  const pixels = new ImageData(CELLS, CELLS);
  for (const [cell, verdict] of (field ?? []).entries()) {
    const row = CELLS - 1 - Math.floor(cell / CELLS); // from below
    const place = 4 * (row * CELLS + (cell % CELLS));
    pixels.data.set(verdict > 0.5 ? REAL : MADE, place);
    pixels.data[place + 3] = Math.abs(verdict - 0.5) * 2 * STRONGEST;
  }
  canvas.getContext("2d")?.putImageData(pixels, 0, 0);
}

interface DrawableProps {
  drawn: Point[];
  label: string;
  hintId: string;
  onDraw: ((points: Point[]) => void) | null;
  children: preact.ComponentChildren;
}

const ARROWS: Record<string, Point> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};
const limited = (value: number): number => Math.min(Math.max(value, -REACH), REACH);
const SPACING = 0.08; // between the points of a stroke

/** The plane as a place to draw points on, by pointer or by keys. */
function Drawable({ drawn, label, hintId, onDraw, children }: DrawableProps) {
  const [cursor, setCursor] = useState<Point>([0, 0]);
  const last = useRef<Point | null>(null); // of the stroke that is being drawn
  if (!onDraw) return <div class="gan-plane">{children}</div>;
  const pointAt = (event: PointerEvent & { currentTarget: HTMLElement }): Point => {
    const frame = event.currentTarget.getBoundingClientRect();
    return [
      limited(((event.clientX - frame.left) / frame.width) * SIDE - REACH),
      limited(REACH - ((event.clientY - frame.top) / frame.height) * SIDE),
    ];
  };
  const add = (point: Point) => {
    last.current = point;
    onDraw([...drawn, point]);
  };
  const press = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const arrow = ARROWS[event.key];
    const moved: Point = [
      limited(cursor[0] + (arrow?.[0] ?? 0) * KEY_STEP),
      limited(cursor[1] + (arrow?.[1] ?? 0) * KEY_STEP),
    ];
    if (arrow) setCursor(moved);
    if (event.key === " " || (arrow && event.shiftKey)) onDraw([...drawn, moved]);
    else if (event.key === "Backspace") onDraw(drawn.slice(0, -1));
    else if (!arrow) return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div
      class="gan-plane is-drawable"
      role="application"
      aria-label={label}
      aria-describedby={hintId}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: points are drawn by keys
      tabIndex={0}
      onKeyDown={press}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        add(pointAt(event));
      }}
      onPointerMove={(event) => {
        const point = pointAt(event);
        if (last.current && Math.hypot(point[0] - last.current[0], point[1] - last.current[1]) > SPACING)
          add(point);
      }}
      onPointerUp={() => {
        last.current = null;
      }}
      onPointerCancel={() => {
        last.current = null;
      }}
    >
      {children}
      <i
        class="gan-cursor"
        aria-hidden="true"
        style={{
          insetInlineStart: `${((cursor[0] + REACH) / SIDE) * 100}%`,
          insetBlockStart: `${((REACH - cursor[1]) / SIDE) * 100}%`,
        }}
      />
      <p class="visually-hidden" role="status">
        {t("gan.drawn", { n: drawn.length })}
      </p>
    </div>
  );
}
