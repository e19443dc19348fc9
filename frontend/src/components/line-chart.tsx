import { useEffect, useRef } from "preact/hooks";
import { ChartTable } from "./chart-table";
import { SavePicture } from "./save-picture";
import type { ChartHandle } from "./uplot-chart";

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
}

/** Series over one axis: every x that any of them has, and null where one has none. */
export function aligned(series: Series[]): [number[], ...(number | null)[][]] {
  const xs = [...new Set(series.flatMap((one) => one.x))].sort((a, b) => a - b);
  const columns = series.map((one) => {
    const known = new Map(one.x.map((x, index) => [x, one.y[index]]));
    return xs.map((x) => known.get(x) ?? null);
  });
  return [xs, ...columns];
}

/** Lines as a picture and as a table; the drawing code is fetched with the first chart. */
export function LineChart({ xLabel, yLabel, series, isLog = false }: LineChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<ChartHandle | null>(null);
  const data = aligned(series);
  const latest = useRef(data);
  latest.current = data;
  const names = series.map((one) => one.name).join("\n");

  useEffect(() => {
    let isWanted = true;
    import("./uplot-chart").then(({ makeChart }) => {
      if (!isWanted || !place.current) return;
      chart.current = makeChart(
        place.current,
        { xLabel, yLabel, names: names.split("\n"), isLog },
        latest.current,
      );
    });
    return () => {
      isWanted = false;
      chart.current?.destroy();
      chart.current = null;
    };
  }, [xLabel, yLabel, names, isLog]);

  useEffect(() => chart.current?.setData(data));

  return (
    <figure class="chart">
      <div ref={place} class="chart-place" aria-hidden="true" />
      <SavePicture of={place} name={`${yLabel}-${xLabel}`} />
      <ChartTable
        tables={() => [
          {
            caption: `${yLabel}, ${xLabel}`,
            columns: [xLabel, ...series.map(({ name }) => name)],
            rows: data[0].map((x, index) => [x, ...data.slice(1).map((column) => column[index])]).reverse(),
          },
        ]}
      />
    </figure>
  );
}
