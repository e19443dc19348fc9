import { useMemo, useState } from "preact/hooks";
import { t } from "../../i18n";
import { Plot, type PlotProps, type Point } from "./plot";

const NEAR = 24; // pixels: points farther away are not chosen

interface PlotReaderProps extends PlotProps {
  /** The positions of the readable points in the plot. */
  spots: Point[];
  /** The text of a spot. */
  textOf: (index: number) => string;
  /** Reads along the x axis and ignores the height of the pointer. */
  isAcross?: boolean;
  /** The text while no spot is chosen. */
  rest?: string;
}

/** A plot whose points can be read with the pointer and the arrow keys. */
export function PlotReader({ spots, textOf, isAcross = false, rest, children, ...plot }: PlotReaderProps) {
  const [chosen, choose] = useState<number | null>(null);
  const order = useMemo(
    () =>
      spots.map((_, index) => index).sort((a, b) => spots[a][0] - spots[b][0] || spots[a][1] - spots[b][1]),
    [spots],
  );
  const at = chosen !== null && chosen < spots.length ? chosen : null;
  const point = (event: PointerEvent & { currentTarget: HTMLElement }) => {
    const drawing = event.currentTarget.firstElementChild?.getBoundingClientRect();
    if (!drawing) return;
    const scale = plot.frame.width / drawing.width;
    const x = (event.clientX - drawing.left) * scale;
    const y = (event.clientY - drawing.top) * scale;
    choose(nearest(spots, [x, y], isAcross));
  };
  const press = (event: KeyboardEvent) => {
    const place = at === null ? -1 : order.indexOf(at);
    const next: Record<string, number> = {
      ArrowLeft: place === -1 ? order.length - 1 : Math.max(place - 1, 0),
      ArrowRight: Math.min(place + 1, order.length - 1),
      Home: 0,
      End: order.length - 1,
    };
    if (!(event.key in next) || order.length === 0) return;
    event.preventDefault();
    choose(order[next[event.key]]);
  };
  return (
    <>
      <div
        class="plot-reader"
        role="group"
        aria-label={t("plot.read")}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys read one point after the other
        tabIndex={0}
        onPointerMove={point}
        onPointerDown={point}
        onPointerLeave={() => choose(null)}
        onBlur={() => choose(null)}
        onKeyDown={press}
      >
        <Plot {...plot}>
          {children}
          {at !== null && <Chosen spot={spots[at]} height={isAcross ? plot.frame.height : null} />}
        </Plot>
      </div>
      <p class="hint plot-text" role="status">
        {at !== null ? textOf(at) : (rest ?? t("plot.hint"))}
      </p>
    </>
  );
}

/** A ring around the spot, or a line through it where it is read along the axis. */
function Chosen({ spot: [x, y], height }: { spot: Point; height: number | null }) {
  return height === null ? (
    <circle class="plot-chosen" cx={x} cy={y} r="9" />
  ) : (
    <path class="plot-chosen" d={`M${x} 0V${height}`} />
  );
}

/** The spot nearest to the pointer; null if none is near. */
export function nearest(spots: Point[], [x, y]: Point, isAcross: boolean): number | null {
  let found: number | null = null;
  let least = isAcross ? Number.POSITIVE_INFINITY : NEAR ** 2;
  for (const [index, spot] of spots.entries()) {
    const away = (spot[0] - x) ** 2 + (isAcross ? 0 : (spot[1] - y) ** 2);
    if (away < least) [found, least] = [index, away];
  }
  return found;
}
