import { useMemo, useRef } from "preact/hooks";
import { ChartTable } from "../../components/charts/chart-table";
import { Legend } from "../../components/charts/legend";
import { frameOf, Mark, rangeOf, type Size, useSize } from "../../components/charts/plot";
import { PlotReader } from "../../components/charts/plot-reader";
import { StepPlayer, usePlayer } from "../../components/charts/step-player";
import { SavePicture } from "../../components/pictures/save-picture";
import { formatNumber, t } from "../../i18n";
import type { StageProps } from "../props";
import type { ScatterData } from "../shapes";

/** Points, and the lines of each step through them. */
export function Scatter({ data, view, part }: StageProps<ScatterData>) {
  const place = useRef<HTMLDivElement>(null);
  const player = usePlayer(view, data.steps.length, place, part !== "sample");
  const size = useSize(place);
  const step = data.steps[player.at];
  const measured = data.measures.map((name, index) => {
    const value = step.values[index];
    return `${name} ${value === null ? "–" : formatNumber(value)}`;
  });
  return (
    <div ref={place} class="stage-main scatter player">
      <Picture data={data} at={player.at} size={size} />
      {data.groups.length > 1 && <Legend names={data.groups} />}
      {part !== "sample" && <StepPlayer player={player} />}
      <p class="hint" role="status">
        {[...(player.last > 0 ? [step.name] : []), ...measured].join(", ")}{" "}
        {t("scatter.drawn", { n: data.points.length, total: data.total })}
      </p>
      <div class="actions">
        <SavePicture of={place} name={`${data.y_label}-${data.x_label}`} />
      </div>
      <ChartTable
        tables={() => [
          {
            caption: t("scatter.points"),
            columns: [t("scatter.row"), data.x_label, data.y_label, t("scatter.group")],
            rows: data.points.map(([x, y], index) => [
              data.rows[index],
              x,
              y,
              data.groups[data.labels[index]],
            ]),
          },
          ...step.lines.map((line) => ({
            caption: `${line.name}, ${step.name}`,
            columns: [data.x_label, data.y_label],
            rows: line.x.map((x, index) => [x, line.y[index]]),
          })),
        ]}
      />
    </div>
  );
}

/** The points determine the visible range; lines are clipped to it. */
function Picture({ data, at, size }: { data: ScatterData; at: number; size: Size }) {
  const frame = useMemo(
    () => frameOf(rangeOf(data.points.map(([x]) => x)), rangeOf(data.points.map(([, y]) => y)), size),
    [data, size.width],
  );
  const spots = useMemo(() => data.points.map(frame.place), [frame]);
  const path = (line: { x: number[]; y: (number | null)[] }) =>
    line.x
      .flatMap((x, index) => {
        const y = line.y[index];
        return y === null
          ? []
          : frame
              .place([x, y])
              .map((value) => value.toFixed(1))
              .join(" ");
      })
      .join("L");
  const textOf = (index: number) =>
    [
      `${t("scatter.row")} ${data.rows[index]}`,
      `${data.x_label} ${formatNumber(data.points[index][0])}`,
      `${data.y_label} ${formatNumber(data.points[index][1])}`,
      data.groups[data.labels[index]],
    ].join(", ");
  return (
    <PlotReader
      frame={frame}
      xLabel={data.x_label}
      yLabel={data.y_label}
      label={`${data.y_label}, ${data.x_label}`}
      spots={spots}
      textOf={textOf}
    >
      {spots.map((spot, index) => (
        <Mark key={index} at={spot} group={data.labels[index]} />
      ))}
      {data.steps[at].lines.map((line) => (
        <path key={line.name} class="plot-line" d={`M${path(line)}`} />
      ))}
    </PlotReader>
  );
}
