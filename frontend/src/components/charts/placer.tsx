import { Minus, Play, Plus } from "lucide";
import { useMemo, useState } from "preact/hooks";
import type { Values } from "../../form/schema";
import { formatNumber, t } from "../../i18n";
import type { ScatterStepsData } from "../../stages/shapes";
import { Icon } from "../controls/icon";
import { paintOf } from "./palette";
import { frameOf, Mark, Plot, type Point, rangeOf, type Size, short } from "./plot";

const ROOM = 0.15; // around the points: a center may begin outside of them
const STEP = 0.05; // of the picture, for an arrow key
const SMALL_STEP = 0.01;

interface PlacerProps {
  data: ScatterStepsData;
  size: Size;
  onRun: (params: Values) => void;
  onEnd: () => void;
}

/** The initial centers, movable by pointer or arrow keys, and a run that starts from them. */
export function Placer({ data, size, onRun, onEnd }: PlacerProps) {
  const [centers, setCenters] = useState<Point[]>(() => data.steps[0].centers);
  const frame = useMemo(() => {
    const all = [...data.points, ...data.steps[0].centers];
    return frameOf(wide(rangeOf(all.map(([x]) => x))), wide(rangeOf(all.map(([, y]) => y))), size);
  }, [data, size.width]);
  const spots = useMemo(() => data.points.map(frame.place), [frame]);
  const { placing } = data;
  if (!placing) return null;
  const isFlat = placing.values === 1;
  const move = (index: number, to: Point) =>
    setCenters(centers.map((center, one) => (one === index ? [to[0], isFlat ? center[1] : to[1]] : center)));
  const add = () => {
    // at a row, a different one each time
    const [x, y] = data.points[(centers.length * 7919) % data.points.length];
    setCenters([...centers, [x, isFlat ? centers[0][1] : y]]);
  };
  const run = () =>
    onRun({
      ...placing.params,
      [placing.count]: centers.length,
      [placing.param]: centers
        .map((center) =>
          center
            .slice(0, placing.values)
            .map((value, axis) => short(value, axis ? frame.y : frame.x))
            .join(", "),
        )
        .join("; "),
    });
  const most = Math.min(placing.most, data.points.length);
  return (
    <>
      <p class="hint">{t("placing.hint")}</p>
      <div class="placer">
        <Plot frame={frame} xLabel={data.x_label} yLabel={data.y_label} label={t("placing.picture")}>
          {spots.map((spot, index) => (
            <Mark key={index} at={spot} group={0} fill="var(--muted)" edge="var(--card)" />
          ))}
        </Plot>
        {centers.map((center, index) => (
          <Handle
            key={index}
            number={index + 1}
            spot={frame.place(center)}
            frame={frame}
            values={center.slice(0, placing.values)}
            onMove={(spot) => move(index, frame.dataAt(spot))}
          />
        ))}
      </div>
      <div class="actions">
        <button type="button" class="button is-primary" onClick={run}>
          <Icon of={Play} />
          {t("placing.run")}
        </button>
        <button type="button" class="button" disabled={centers.length >= most} onClick={add}>
          <Icon of={Plus} />
          {t("placing.more")}
        </button>
        <button
          type="button"
          class="button"
          disabled={centers.length <= 1}
          onClick={() => setCenters(centers.slice(0, -1))}
        >
          <Icon of={Minus} />
          {t("placing.fewer")}
        </button>
        <button type="button" class="button is-quiet" onClick={onEnd}>
          {t("placing.end")}
        </button>
      </div>
    </>
  );
}

interface HandleProps {
  number: number;
  spot: Point;
  frame: Size;
  values: number[];
  onMove: (spot: Point) => void;
}

/** A center over the picture. */
function Handle({ number, spot: [x, y], frame, values, onMove }: HandleProps) {
  const [isHeld, hold] = useState(false);
  const press = (event: KeyboardEvent) => {
    const [right, down] = ARROWS[event.key] ?? [0, 0];
    if (right === 0 && down === 0) return;
    event.preventDefault();
    event.stopPropagation(); // the arrows walk through stages elsewhere
    const by = event.shiftKey ? SMALL_STEP : STEP;
    onMove([x + right * by * frame.width, y + down * by * frame.height]);
  };
  const drag = (event: PointerEvent & { currentTarget: HTMLElement }) => {
    const picture = event.currentTarget.parentElement?.getBoundingClientRect();
    if (!isHeld || !picture) return;
    const scale = frame.width / picture.width;
    onMove([(event.clientX - picture.left) * scale, (event.clientY - picture.top) * scale]);
  };
  return (
    <button
      type="button"
      class="placer-handle"
      aria-label={t("placing.center", {
        n: number,
        at: values.map((value) => formatNumber(value)).join(", "),
      })}
      style={{
        insetInlineStart: `${(x / frame.width) * 100}%`,
        insetBlockStart: `${(y / frame.height) * 100}%`,
        borderColor: paintOf(number - 1).plate,
      }}
      onKeyDown={press}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        hold(true);
      }}
      onPointerMove={drag}
      onPointerUp={() => hold(false)}
      onPointerCancel={() => hold(false)}
    >
      {number}
    </button>
  );
}

const ARROWS: Record<string, Point> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

const wide = ([low, high]: [number, number]): [number, number] => {
  const room = (high - low) * ROOM;
  return [low - room, high + room];
};
