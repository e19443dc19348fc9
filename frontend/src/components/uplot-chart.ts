import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

export interface ChartHandle {
  setData: (data: (number | null)[][]) => void;
  destroy: () => void;
}

interface ChartOptions {
  xLabel: string;
  yLabel: string;
  names: string[];
  isLog: boolean;
}

const HEIGHT = 300;
const DASHES: number[][] = [[], [7, 4], [2, 3], [10, 3, 2, 3]]; // series differ by more than colour

const token = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Canvas takes no light-dark(): the colour that a token comes to is read off a probe. */
function resolved(name: string): string {
  const probe = document.createElement("i");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

export function makeChart(place: HTMLElement, options: ChartOptions, data: (number | null)[][]): ChartHandle {
  const family = token("--font") || "system-ui";
  const colours = new Map<string, string>();
  const colour = (name: string) => () => {
    if (!colours.has(name)) colours.set(name, resolved(name));
    return colours.get(name) ?? "";
  };
  const axis = (label: string): uPlot.Axis => ({
    label,
    labelSize: 22,
    labelFont: `600 12px ${family}`,
    font: `12px ${family}`,
    stroke: colour("--muted"),
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { stroke: colour("--line"), width: 1, size: 4 },
  });
  const chart = new uPlot(
    {
      width: place.clientWidth || 600,
      height: HEIGHT,
      scales: { x: { time: false }, y: options.isLog ? { distr: 3 } : {} },
      axes: [axis(options.xLabel), { ...axis(options.yLabel), size: 56 }],
      cursor: { y: false, points: { size: 8 } },
      series: [
        { label: options.xLabel },
        ...options.names.map((label, index) => ({
          label,
          stroke: colour(`--series-${(index % 4) + 1}`),
          width: 2,
          dash: DASHES[index % DASHES.length],
          points: { show: false },
          spanGaps: true,
          value: (_: uPlot, value: number | null) => (value === null ? "–" : value.toPrecision(4)),
        })),
      ],
    },
    data as uPlot.AlignedData,
    place,
  );
  const recolour = () => {
    colours.clear();
    if (chart.data[0]?.length) chart.redraw(false); // without data uPlot throws
  };
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  const themed = new MutationObserver(recolour);
  const resized = new ResizeObserver(() => chart.setSize({ width: place.clientWidth, height: HEIGHT }));
  scheme.addEventListener("change", recolour);
  themed.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  resized.observe(place);
  /** While nothing is pointed at, the legend tells the newest values. */
  const tellNewest = () => {
    const last = (chart.data[0]?.length ?? 0) - 1;
    if (last >= 0 && chart.cursor.idx == null) chart.setLegend({ idx: last });
  };
  chart.over.addEventListener("mouseleave", () => requestAnimationFrame(tellNewest));
  tellNewest();
  return {
    setData: (next) => {
      chart.setData(next as uPlot.AlignedData);
      tellNewest();
    },
    destroy: () => {
      scheme.removeEventListener("change", recolour);
      themed.disconnect();
      resized.disconnect();
      chart.destroy();
    },
  };
}
