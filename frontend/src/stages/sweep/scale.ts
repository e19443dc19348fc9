/** The colors of figures: 0 is the worst, 1 the best. */
export interface Scale {
  best: number;
  worst: number;
  isCut: boolean; // still worse ones have the color of the worst
  shareOf: (figure: number) => number;
}

const FAR = 4; // times the distance from the best to the median: beyond it a fit has diverged, and would pale all others

export function scaleOf(figures: number[], greaterIsBetter: boolean): Scale {
  const sign = greaterIsBetter ? 1 : -1;
  const sorted = [...figures].sort((one, other) => sign * (other - one)); // the best first
  const best = sorted[0] ?? 0;
  const last = sorted.at(-1) ?? 0;
  const median = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
  const limit = best + FAR * (median - best);
  const isCut = limit !== best && sign * (limit - last) > 0;
  const worst = isCut ? limit : last;
  return {
    best,
    worst,
    isCut,
    shareOf: (figure) => (best === worst ? 1 : Math.min(Math.max((figure - worst) / (best - worst), 0), 1)),
  };
}
