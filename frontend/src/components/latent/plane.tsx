import { useMemo, useRef, useState } from "preact/hooks";
import { formatNumber, t } from "../../i18n";
import type { Network } from "../../networks/network";
import type { Dimension, LatentData, LatentPlane, LatentWalk } from "../../stages/shapes";
import { ChartTable } from "../charts/chart-table";
import { Legend } from "../charts/legend";
import { paintOf } from "../charts/palette";
import { type Frame, frameOf, Plot, type Point, pathOfGroup, useSize } from "../charts/plot";
import { nearest } from "../charts/plot-reader";
import { columnsOf, useDecodedMap } from "./decoded-map";
import { between, replaced } from "./latent-space";

interface PlaneProps {
  data: LatentData;
  plane: LatentPlane;
  network: Network | null;
  z: number[];
  label: number;
  onMove: (z: number[]) => void;
  onPoint: (z: number[] | null) => void; // under the pointer
  hasTable: boolean;
}

const STEPS = 40; // of the arrow keys, from side to side
const ARROWS: Record<string, [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

/** Two dimensions of z with held-out pictures as points. The pointer looks, a click or the arrow keys move z. */
export function Plane({ data, plane, network, z, label, onMove, onPoint, hasTable }: PlaneProps) {
  const place = useRef<HTMLDivElement>(null);
  const size = useSize(place);
  const [horizontal, vertical] = [data.dimensions[plane.x], data.dimensions[plane.y]];
  const frame = useMemo(
    () => frameOf([horizontal.low, horizontal.high], [vertical.low, vertical.high], size, { isTight: true }),
    [data, plane, size.width],
  );
  const [isMapped, setMapped] = useState(false);
  const spots = useMemo(() => plane.points.map(frame.place), [plane, frame]);
  const points = useMemo(() => pointsPicture(spots, plane.labels, frame), [spots, plane, frame]);
  const at: Point = [z[plane.x], z[plane.y]];
  const zAt = ([x, y]: Point) => replaced(replaced(z, plane.x, x), plane.y, y);
  const zUnder = (event: PointerEvent & { currentTarget: HTMLElement }) => {
    const drawing = event.currentTarget.firstElementChild?.getBoundingClientRect();
    if (!drawing) return z;
    const scale = frame.width / drawing.width;
    return zAt(frame.dataAt([(event.clientX - drawing.left) * scale, (event.clientY - drawing.top) * scale]));
  };
  const press = (event: KeyboardEvent) => {
    const arrow = ARROWS[event.key];
    if (!arrow || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation(); // the arrows also walk the stages
    const moved = ([0, 1] as const).map((axis) => {
      const { low, high } = data.dimensions[axis === 0 ? plane.x : plane.y];
      const step = (high - low) / (event.shiftKey ? STEPS * 5 : STEPS);
      return Math.min(Math.max(at[axis] + arrow[axis] * step, low), high);
    });
    onMove(zAt(moved as Point));
  };
  const near = nearest(spots, frame.place(at), false);
  const number = (value: number) => formatNumber(value, { maximumFractionDigits: 2 });
  const [left, bottom] = frame.place([horizontal.low, vertical.low]);
  const [right, top] = frame.place([horizontal.high, vertical.high]);
  const [x, y] = frame.place(at);
  return (
    <div ref={place} class="latent-plane">
      <div
        class="plot-reader"
        role="group"
        aria-label={t("latent.plane", { x: horizontal.name, y: vertical.name })}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys move z
        tabIndex={0}
        onPointerMove={(event) => onPoint(zUnder(event))}
        onPointerLeave={() => onPoint(null)}
        onPointerDown={(event) => onMove(zUnder(event))}
        onKeyDown={press}
      >
        <Plot
          frame={frame}
          xLabel={horizontal.name}
          yLabel={vertical.name}
          label={t("latent.planePicture", { groups: plane.groups.join(", ") })}
        >
          {isMapped && (
            <DecodedMap {...{ network, data, plane, z, label }} box={{ left, top, right, bottom }} />
          )}
          {points && (
            <image
              href={points}
              x="0"
              y="0"
              width={frame.width}
              height={frame.height}
              opacity={isMapped ? 0.55 : 1}
            />
          )}
          {data.walk && <path class="scatter-way" d={`M${wayOf(data.walk, plane, frame)}`} />}
          <PosteriorEllipse horizontal={horizontal} vertical={vertical} frame={frame} />
          <circle class="latent-here-rim" cx={x} cy={y} r="9" />
          <circle class="latent-here" cx={x} cy={y} r="9" />
        </Plot>
      </div>
      <p class="hint plot-text" role="status">
        {horizontal.name} {number(at[0])}, {vertical.name} {number(at[1])}.{" "}
        {near !== null && t("latent.nearest", { name: plane.groups[plane.labels[near]] })}
      </p>
      <Legend names={plane.groups} />
      <label class="inline">
        <input
          type="checkbox"
          checked={isMapped}
          onChange={(event) => setMapped(event.currentTarget.checked)}
        />
        {t("latent.map")}
      </label>
      {hasTable && (
        <ChartTable
          tables={() => [
            {
              caption: t("latent.points"),
              columns: [horizontal.name, vertical.name, t("scatter.group")],
              rows: plane.points.map((point, index) => [...point, plane.groups[plane.labels[index]]]),
            },
          ]}
        />
      )}
    </div>
  );
}

const WAY_STEPS = 30;

/** The walk as a line in the plane. */
function wayOf(walk: LatentWalk, plane: LatentPlane, { place }: Frame): string {
  return Array.from({ length: WAY_STEPS + 1 }, (_, step) => {
    const z = between(walk, step / WAY_STEPS);
    return place([z[plane.x], z[plane.y]]).join(" ");
  }).join("L");
}

interface PosteriorProps {
  horizontal: Dimension;
  vertical: Dimension;
  frame: Frame;
}

/** One standard deviation around the mean of the answer's posterior, where the model has one. */
function PosteriorEllipse({ horizontal, vertical, frame: { place } }: PosteriorProps) {
  const [x, y, wide, tall] = [horizontal.mean, vertical.mean, horizontal.deviation, vertical.deviation];
  if (x === undefined || y === undefined || wide === undefined || tall === undefined) return null;
  const [left, top] = place([x, y]);
  const [right, above] = place([x + wide, y + tall]);
  return <ellipse class="latent-posterior" cx={left} cy={top} rx={right - left} ry={top - above} />;
}

interface DecodedMapProps {
  network: Network | null;
  data: LatentData;
  plane: LatentPlane;
  z: number[];
  label: number;
  box: { left: number; top: number; right: number; bottom: number };
}

function DecodedMap({ network, data, plane, z, label, box: { left, top, right, bottom } }: DecodedMapProps) {
  const size = { width: right - left, height: bottom - top };
  const map = useDecodedMap(network, data, plane, z, label, columnsOf(size, data.size));
  return map ? (
    <image href={map} x={left} y={top} {...size} preserveAspectRatio="none" class="latent-map" />
  ) : null;
}

const SHARPNESS = 2; // pixels of the picture for one of the plot

/** The points as one picture: thousands of marks would be slow to draw again with every move. */
function pointsPicture(spots: Point[], labels: number[], { width, height }: Frame): string | null {
  const canvas = document.createElement("canvas");
  canvas.width = width * SHARPNESS;
  canvas.height = height * SHARPNESS;
  const context = canvas.getContext("2d");
  if (!context) return null;
  for (const [index, [x, y]] of spots.entries()) {
    const shape = new Path2D(pathOfGroup(labels[index]));
    const { line, plate } = paintOf(labels[index]);
    context.setTransform(SHARPNESS * 0.8, 0, 0, SHARPNESS * 0.8, x * SHARPNESS, y * SHARPNESS);
    context.fillStyle = line;
    context.strokeStyle = plate;
    context.fill(shape);
    context.stroke(shape);
  }
  return canvas.toDataURL();
}
