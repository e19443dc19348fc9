import { useRef, useState } from "preact/hooks";
import { t } from "../../../i18n";
import type { SweepData } from "../../../stages/shapes";
import { ranked, type Setting } from "../../../stages/sweep/analysis";
import { type Names, summaryText } from "../../../stages/sweep/names";
import { scaleOf } from "../../../stages/sweep/scale";
import { heat } from "../../charts/palette";
import { useSize } from "../../charts/plot";
import { SavePicture } from "../../pictures/save-picture";
import type { View } from "../../workbench/view";

const TOP = 46;
const BOTTOM = 16;
const HEIGHT = 332;
const SIDE = 54;
const NEAR = 40; // pixels: a line farther from the pointer is not meant

interface ParallelLinesProps {
  data: SweepData;
  settings: Setting[];
  names: Names;
  view: View;
}

/** Every setting as a line through its values and its figure: which values do the best settings share? */
export function ParallelLines({ data, settings, names, view }: ParallelLinesProps) {
  const place = useRef<HTMLDivElement>(null);
  const { width } = useSize(place);
  const [pointed, point] = useState<Setting | null>(null);
  const order = ranked(settings, data.greater_is_better);
  if (order.length === 0) return null;
  const scale = scaleOf(
    order.flatMap(({ value }) => value?.mean ?? []),
    data.greater_is_better,
  );
  const last = data.axes.length;
  const left = (axis: number) => SIDE + (axis / last) * (width - 2 * SIDE);
  const top = (share: number) => HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM);
  const shareAt = (axis: number, value: number) => (value + 0.5) / Math.max(data.axes[axis].values.length, 1);
  const spotsOf = ({ places, value }: Setting): [number, number][] => [
    ...places.map((at, axis): [number, number] => [left(axis), top(shareAt(axis, at))]),
    [left(last), top(scale.shareOf(value?.mean ?? scale.worst))],
  ];
  const wayOf = (setting: Setting) =>
    `M${spotsOf(setting)
      .map((spot) => spot.map(Math.round).join(" "))
      .join("L")}`;
  const chosen = pointed ?? settings[view.chosen.value ?? -1] ?? null;
  const move = (event: PointerEvent & { currentTarget: HTMLElement }) => {
    const box = event.currentTarget.getBoundingClientRect();
    const spot: [number, number] = [
      ((event.clientX - box.left) * width) / box.width,
      ((event.clientY - box.top) * HEIGHT) / box.height,
    ];
    point(nearestLine(order, spotsOf, spot));
  };
  const press = (event: KeyboardEvent) => {
    const at = chosen ? order.indexOf(chosen) : -1;
    const next = {
      ArrowUp: Math.max(at - 1, 0),
      ArrowDown: Math.min(at + 1, order.length - 1),
      Home: 0,
      End: order.length - 1,
      Enter: at,
    }[event.key];
    if (next === undefined || next < 0) return;
    event.preventDefault();
    point(order[next]);
    if (event.key === "Enter") view.chosen.value = settings.indexOf(order[next]);
  };
  return (
    <div ref={place} class="sweep-part">
      <div
        class="plot-reader"
        role="group"
        aria-label={t("sweep.parallelKeys")}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys read one line after the other
        tabIndex={0}
        onPointerMove={move}
        onPointerLeave={() => point(null)}
        onBlur={() => point(null)}
        onKeyDown={press}
        onClick={() => {
          if (pointed) view.chosen.value = settings.indexOf(pointed);
        }}
      >
        <svg viewBox={`0 0 ${width} ${HEIGHT}`} class="plot" role="img" aria-label={t("sweep.parallel")}>
          {[...order].reverse().map((setting) => (
            <path
              key={setting.places.join()}
              class="parallel-line"
              d={wayOf(setting)}
              stroke={`rgb(${heat(scale.shareOf(setting.value?.mean ?? scale.worst)).join(" ")})`}
            />
          ))}
          {chosen?.value && <path class="parallel-line is-chosen" d={wayOf(chosen)} />}
          {data.axes.map((axis, index) => (
            <g key={axis.param}>
              <path class="parallel-axis" d={`M${left(index)} ${TOP - 8}V${HEIGHT - BOTTOM}`} />
              <text
                class="plot-axis"
                x={index === 0 ? 0 : left(index)}
                y={index % 2 === 1 ? 32 : 14} // names of neighbors would run into each other on a phone
                text-anchor={anchorOf(index, last)}
              >
                {names.axis(axis)}
              </text>
              {axis.values.map((value, at) => (
                <text
                  key={String(value)}
                  class="parallel-value"
                  x={left(index) - 5}
                  y={top(shareAt(index, at)) + 4}
                  text-anchor="end"
                >
                  {names.value(axis, value)}
                </text>
              ))}
            </g>
          ))}
          <path class="parallel-axis" d={`M${left(last)} ${TOP - 8}V${HEIGHT - BOTTOM}`} />
          <text class="plot-axis" x={left(last) + SIDE} y={last % 2 === 1 ? 32 : 14} text-anchor="end">
            {names.figure}
          </text>
          <text class="parallel-value" x={left(last) + 5} y={top(1) + 4}>
            {names.written(scale.best)}
          </text>
          <text class="parallel-value" x={left(last) + 5} y={top(0) + 4}>
            {names.written(scale.worst)}
          </text>
        </svg>
      </div>
      <p class="hint plot-text" role="status">
        {chosen ? summaryText(chosen, names) : t("sweep.parallelHint")}
      </p>
      <div class="actions">
        <SavePicture of={place} name={t("sweep.parallel")} />
      </div>
    </div>
  );
}

const anchorOf = (index: number, last: number) => (index === 0 ? "start" : index === last ? "end" : "middle");

/** The line whose height at the pointer is nearest; null: none is near. */
export function nearestLine<Line>(
  lines: Line[],
  spotsOf: (line: Line) => [number, number][],
  [x, y]: [number, number],
): Line | null {
  let found: Line | null = null;
  let least = NEAR;
  for (const line of lines) {
    const spots = spotsOf(line);
    const right = Math.min(
      Math.max(
        spots.findIndex(([left]) => left >= x),
        1,
      ),
      spots.length - 1,
    );
    const [[x0, y0], [x1, y1]] = [spots[right - 1], spots[right]];
    const height = y0 + ((y1 - y0) * (Math.min(Math.max(x, x0), x1) - x0)) / (x1 - x0);
    if (Math.abs(height - y) < least) [found, least] = [line, Math.abs(height - y)];
  }
  return found;
}
