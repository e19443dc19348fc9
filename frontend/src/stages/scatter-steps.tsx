import { ChevronLeft, ChevronRight, Pause, Play } from "lucide";
import { useEffect, useRef, useState } from "preact/hooks";
import { DataTable } from "../components/data-table";
import { isMeant, useHotkeys } from "../components/hotkeys";
import { Icon } from "../components/icon";
import { paintOf } from "../components/palette";
import { formatNumber, t } from "../i18n";
import type { ScatterStepsData } from "./shapes";
import type { StageProps } from "./stage";

const WIDTH = 640;
const HEIGHT = 420;
const EDGE = 24;
const STEP_MS = 900;

/** Points in groups with their centers, step by step; the numbers of every step as a table. */
export function ScatterSteps({ data, view, part }: StageProps<ScatterStepsData>) {
  const last = data.steps.length - 1;
  const spot = view.spot.value?.[0];
  const at = Math.min(Math.max(Number.isInteger(spot) ? (spot as number) : last, 0), last);
  const [isPlaying, setPlaying] = useState(false);
  const goTo = (step: number) => {
    view.spot.value = [Math.min(Math.max(step, 0), last)];
  };
  useEffect(() => {
    if (!isPlaying) return;
    const timer = setTimeout(() => (at < last ? goTo(at + 1) : setPlaying(false)), STEP_MS);
    return () => clearTimeout(timer);
  }, [isPlaying, at]);
  const play = () => {
    if (!isPlaying && at === last) goTo(0);
    setPlaying(!isPlaying);
  };
  const walk = (by: number) => {
    setPlaying(false);
    goTo(at + by);
  };
  const place = useRef<HTMLDivElement>(null);
  useHotkeys({
    " ": () => {
      if (part === "sample" || !isMeant(place.current, ".scatter")) return false;
      play();
    },
  });
  const step = data.steps[at];
  return (
    <div ref={place} class="stage-main scatter">
      <Picture data={data} at={at} />
      {part !== "sample" && (
        <div class="with-button">
          <button
            type="button"
            class="tool"
            disabled={at === 0}
            aria-label={t("scatter.back")}
            onClick={() => walk(-1)}
          >
            <Icon of={ChevronLeft} />
          </button>
          <button
            type="button"
            class="tool"
            aria-label={t(isPlaying ? "scatter.pause" : "scatter.play")}
            title={`${t(isPlaying ? "scatter.pause" : "scatter.play")} (␣)`}
            onClick={play}
          >
            <Icon of={isPlaying ? Pause : Play} />
          </button>
          <button
            type="button"
            class="tool"
            disabled={at === last}
            aria-label={t("scatter.next")}
            onClick={() => walk(1)}
          >
            <Icon of={ChevronRight} />
          </button>
          <input
            type="range"
            min={0}
            max={last}
            value={at}
            aria-label={t("scatter.step")}
            onInput={(event) => walk(event.currentTarget.valueAsNumber - at)}
          />
        </div>
      )}
      <p class="hint" role="status">
        {t("scatter.at", { n: at, total: last })}{" "}
        {data.measures.map((name, index) => `${name} ${formatNumber(step.values[index])}`).join(", ")}.{" "}
        {t("scatter.drawn", { n: data.points.length, total: data.total })}
      </p>
      <Tables data={data} at={at} />
    </div>
  );
}

/** From the data's ranges to the picture, y upwards. */
function scales({ points, steps }: ScatterStepsData) {
  const all = [...points, ...steps.flatMap((step) => step.centers)];
  const range = (axis: 0 | 1) => {
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (const point of all) {
      low = Math.min(low, point[axis]);
      high = Math.max(high, point[axis]);
    }
    return { low, span: high - low || 1 };
  };
  const [x, y] = [range(0), range(1)];
  return ([left, up]: [number, number]): [number, number] => [
    EDGE + ((left - x.low) / x.span) * (WIDTH - 2 * EDGE),
    HEIGHT - EDGE - ((up - y.low) / y.span) * (HEIGHT - 2 * EDGE),
  ];
}

/** Groups differ in shape as well as in colour. */
const SHAPES = [
  "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0",
  "M-4-4h8v8h-8z",
  "M0-5L5 4H-5z",
  "M0-5.5L5.5 0 0 5.5-5.5 0z",
  "M-5-4H5L0 5z",
];

function Picture({ data, at }: { data: ScatterStepsData; at: number }) {
  const place = scales(data);
  const step = data.steps[at];
  const way = (group: number) =>
    data.steps
      .slice(0, at + 1)
      .map(({ centers }) => place(centers[group]).join(" "))
      .join("L");
  return (
    <svg
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={t("scatter.picture", { groups: data.groups.join(", ") })}
    >
      {data.points.map((point, index) => {
        const group = step.labels[index];
        return (
          <path
            key={index}
            d={SHAPES[group % SHAPES.length]}
            transform={`translate(${place(point).join(" ")})`}
            fill={paintOf(group).line}
            stroke={paintOf(group).plate}
          />
        );
      })}
      {data.groups.map((name, group) => {
        const [x, y] = place(step.centers[group]);
        return (
          <g key={name}>
            <path class="scatter-way" d={`M${way(group)}`} />
            <g class="scatter-center" style={{ transform: `translate(${x}px, ${y}px)` }}>
              <circle r="12" stroke={paintOf(group).plate} />
              <text>{name}</text>
            </g>
          </g>
        );
      })}
      <text class="scatter-axis" x={WIDTH - 6} y={HEIGHT - 6} text-anchor="end">
        {data.x_label}
      </text>
      <text class="scatter-axis" x="6" y="14">
        {data.y_label}
      </text>
    </svg>
  );
}

function Tables({ data, at }: { data: ScatterStepsData; at: number }) {
  const [isOpen, setOpen] = useState(false);
  const { labels } = data.steps[at];
  return (
    <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t("chart.table")}</summary>
      {isOpen && (
        <>
          <DataTable
            caption={data.measures.join(", ")}
            columns={[t("scatter.step"), ...data.measures].map((name) => ({ name }))}
            rows={data.steps.map((step, index) => [index, ...step.values])}
          />
          <DataTable
            caption={t("scatter.points")}
            columns={[t("scatter.row"), data.x_label, data.y_label, t("scatter.group")].map((name) => ({
              name,
            }))}
            rows={data.points.map(([x, y], index) => [data.rows[index], x, y, data.groups[labels[index]]])}
          />
        </>
      )}
    </details>
  );
}
