/** Hues far from their neighbors, so that adjacent labels differ. */
const HUES = [225, 9, 153, 297, 81, 261, 45, 189, 333, 117];

export interface Paint {
  line: string;
  plate: string; // behind white text
}

export function paintOf(index: number): Paint {
  const hue = HUES[index % HUES.length];
  const isSecondRound = Math.floor(index / HUES.length) % 2 === 1;
  return {
    line: `oklch(${isSecondRound ? 0.82 : 0.73} 0.16 ${hue})`,
    plate: `oklch(${isSecondRound ? 0.44 : 0.37} 0.11 ${hue})`,
  };
}

/** One paint per label, by the order of `labels`, so that a color does not change with a slider. */
export function paints(labels: string[]): Map<string, Paint> {
  return new Map([...new Set(labels)].sort().map((label, index) => [label, paintOf(index)]));
}

const VIRIDIS: [number, number, number][] = [
  [68, 1, 84],
  [71, 44, 122],
  [59, 81, 139],
  [44, 113, 142],
  [33, 144, 141],
  [39, 173, 129],
  [92, 200, 99],
  [170, 220, 50],
  [253, 231, 37],
];

/** Viridis at 0…1: perceptually uniform, also in gray and for color-blind readers. */
export function heat(value: number): [number, number, number] {
  const place = Math.min(Math.max(value, 0), 1) * (VIRIDIS.length - 1);
  const low = Math.min(Math.floor(place), VIRIDIS.length - 2);
  const part = place - low;
  const mix = (channel: 0 | 1 | 2) =>
    Math.round(VIRIDIS[low][channel] * (1 - part) + VIRIDIS[low + 1][channel] * part);
  return [mix(0), mix(1), mix(2)];
}
