import type { Dimension, LatentWalk } from "../../stages/shapes";

/** A dimension whose posterior stays at the prior has less than this: it carries nothing. */
export const INACTIVE_NATS = 0.05;
export const FIRST_DIMENSIONS = 16;

/** The dimensions to show first: all in their order, or of many those with the largest KL or deviation. */
export function ranked(dimensions: Dimension[]): number[] {
  const places = dimensions.map((_, index) => index);
  if (dimensions.length <= FIRST_DIMENSIONS) return places;
  const weight = ({ kl, deviation }: Dimension) => kl ?? deviation ?? 0;
  return places.sort((a, b) => weight(dimensions[b]) - weight(dimensions[a]));
}

export const replaced = (z: number[], index: number, value: number): number[] => z.with(index, value);

/** z of the prior N(0, I), within the ranges. */
export function randomZ(dimensions: Dimension[], random: () => number = Math.random): number[] {
  return dimensions.map(({ low, high }) => {
    // Box and Muller 1958
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return Math.min(Math.max(normal, low), high);
  });
}

const dot = (a: number[], b: number[]): number => a.reduce((sum, value, index) => sum + value * b[index], 0);

/**
 * The point at `share` of the way. On the sphere (White 2016, arXiv:1609.04468) the length stays that of samples of the prior;
 * a straight way would pass near the origin, where in many dimensions no sample lies.
 */
export function between({ from, to, path }: LatentWalk, share: number): number[] {
  const mix = (a: number, b: number) => from.map((value, index) => a * value + b * to[index]);
  if (path !== "spherical") return mix(1 - share, share);
  const cosine = dot(from, to) / Math.sqrt(dot(from, from) * dot(to, to));
  const angle = Math.acos(Math.min(Math.max(cosine, -1), 1));
  const sine = Math.sin(angle);
  if (!(sine > 1e-6)) return mix(1 - share, share); // the same direction, or opposite ones
  return mix(Math.sin((1 - share) * angle) / sine, Math.sin(share * angle) / sine);
}
