import type { ComparisonData } from "../../stages/shapes";

/** Which two pictures are compared, and how. */
export interface ComparisonView {
  left: number;
  right: number;
  split: number; // percent of the width that shows the left one
  isBeside: boolean;
}

const MIDDLE = 50;

/** What an address or a click asked for, as far as there are such pictures. */
export function readView(data: ComparisonData, asked: number[] | null): ComparisonView {
  const last = data.pictures.length - 1;
  const picture = (value: number | undefined, usual: number) =>
    value !== undefined && Number.isInteger(value) && value >= 0 && value <= last ? value : usual;
  const split = asked?.[2];
  return {
    left: picture(asked?.[0], data.left),
    right: picture(asked?.[1], data.right),
    split: split !== undefined && split >= 0 && split <= 100 ? Math.round(split) : MIDDLE,
    isBeside: asked?.[3] === 1,
  };
}

/** The same as numbers for the address; null where all is as the data says. */
export function writeView(data: ComparisonData, view: ComparisonView): number[] | null {
  const { left, right, split, isBeside } = view;
  if (left === data.left && right === data.right && split === MIDDLE && !isBeside) return null;
  return isBeside ? [left, right, split, 1] : [left, right, split];
}

/** The other of the two, whole: from anywhere first the left one, which is mostly what went in. */
export const flipped = (split: number): number => (split === 100 ? 0 : 100);
