import { useMemo, useRef, useState } from "preact/hooks";
import { ChartTable } from "../../components/charts/chart-table";
import { paintOf } from "../../components/charts/palette";
import { Placer } from "../../components/charts/placer";
import { frameOf, Mark, rangeOf, type Size, useSize } from "../../components/charts/plot";
import { PlotReader } from "../../components/charts/plot-reader";
import { StepPlayer, usePlayer } from "../../components/charts/step-player";
import { SavePicture } from "../../components/pictures/save-picture";
import { Notes } from "../../components/results/notes";
import { formatNumber, t } from "../../i18n";
import type { StageProps } from "../props";
import type { ScatterStepsData } from "../shapes";

/** Points in groups with their centers, step by step; the numbers of every step as a table. */
export function ScatterSteps({ data, view, part, onAgain }: StageProps<ScatterStepsData>) {
  const [isPlacing, setPlacing] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  const player = usePlayer(view, data.steps.length, place, part !== "sample");
  const { at, last } = player;
  const size = useSize(place);
  const step = data.steps[at];
  if (isPlacing && onAgain)
    return (
      <div ref={place} class="stage-main scatter">
        <Placer data={data} size={size} onRun={onAgain} onEnd={() => setPlacing(false)} />
      </div>
    );
  return (
    <div ref={place} class="stage-main scatter player">
      <Picture data={data} at={at} size={size} />
      {part !== "sample" && <StepPlayer player={player} />}
      {part !== "sample" && <Notes of={data.notes} />}
      <p class="hint" role="status">
        {t("scatter.at", { n: at, total: last })}{" "}
        {data.measures.map((name, index) => `${name} ${formatNumber(step.values[index])}`).join(", ")}.{" "}
        {t("scatter.drawn", { n: data.points.length, total: data.total })}
      </p>
      <div class="actions">
        {data.placing && onAgain && (
          <button type="button" class="button is-small" onClick={() => setPlacing(true)}>
            {t("placing.open")}
          </button>
        )}
        <SavePicture of={place} name={`${data.y_label}-${data.x_label}`} />
      </div>
      <ChartTable
        tables={() => [
          {
            caption: data.measures.join(", "),
            columns: [t("scatter.step"), ...data.measures],
            rows: data.steps.map(({ values }, index) => [index, ...values]),
          },
          {
            caption: t("scatter.points"),
            columns: [t("scatter.row"), data.x_label, data.y_label, t("scatter.group")],
            rows: data.points.map(([x, y], index) => [
              data.rows[index],
              x,
              y,
              data.groups[step.labels[index]],
            ]),
          },
        ]}
      />
    </div>
  );
}

function Picture({ data, at, size }: { data: ScatterStepsData; at: number; size: Size }) {
  const frame = useMemo(() => {
    const all = [...data.points, ...data.steps.flatMap((step) => step.centers)];
    return frameOf(rangeOf(all.map(([x]) => x)), rangeOf(all.map(([, y]) => y)), size);
  }, [data, size.width]);
  const { place } = frame;
  const spots = useMemo(() => data.points.map(place), [frame]);
  const step = data.steps[at];
  const way = (group: number) =>
    data.steps
      .slice(0, at + 1)
      .map(({ centers }) => place(centers[group]).join(" "))
      .join("L");
  return (
    <PlotReader
      frame={frame}
      spots={spots}
      textOf={(index) =>
        [
          `${t("scatter.row")} ${data.rows[index]}`,
          ...data.points[index].map((value) => formatNumber(value)),
          `${t("scatter.group")} ${data.groups[step.labels[index]]}`,
        ].join(", ")
      }
      xLabel={data.x_label}
      yLabel={data.y_label}
      label={t("scatter.picture", { groups: data.groups.join(", ") })}
    >
      {data.points.map((_, index) => (
        <Mark key={index} at={spots[index]} group={step.labels[index]} />
      ))}
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
    </PlotReader>
  );
}
