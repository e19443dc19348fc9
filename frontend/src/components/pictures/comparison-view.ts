import type { ComparisonData } from "../../stages/shapes";

/** Which two pictures are compared, and how. */
export interface ComparisonView {
  left: number;
  right: number;
  split: number; // percent of the width that shows the left one
  isBeside: boolean;
}

const MIDDLE = 50;

/** The view that an address or a click requests, limited to the pictures that exist. */
export function readView(data: ComparisonData, requested: number[] | null): ComparisonView {
  const last = data.pictures.length - 1;
  const picture = (value: number | undefined, usual: number) =>
    value !== undefined && Number.isInteger(value) && value >= 0 && value <= last ? value : usual;
  const split = requested?.[2];
  return {
    left: picture(requested?.[0], data.left),
    right: picture(requested?.[1], data.right),
    split: split !== undefined && split >= 0 && split <= 100 ? Math.round(split) : MIDDLE,
    isBeside: requested?.[3] === 1,
  };
}

/** The same as numbers for the address; null for the defaults of the data. */
export function writeView(data: ComparisonData, view: ComparisonView): number[] | null {
  const { left, right, split, isBeside } = view;
  if (left === data.left && right === data.right && split === MIDDLE && !isBeside) return null;
  return isBeside ? [left, right, split, 1] : [left, right, split];
}

/** The other of the two, whole: from anywhere first the left one, which is mostly what went in. */
export const flipped = (split: number): number => (split === 100 ? 0 : 100);
