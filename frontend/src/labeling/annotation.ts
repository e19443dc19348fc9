import type { Annotation, LabeledObject } from "../api/types";

/** xmin, ymin, xmax, ymax in pixels of the picture. */
export type Corners = LabeledObject["box"];

export interface Size {
  width: number;
  height: number;
}

export interface Point {
  x: number;
  y: number;
}

/** Equal annotations are equal texts, however their fields are ordered and whatever is left out. */
export function textOf(annotation: Annotation | null): string {
  if (!annotation) return "null";
  const { label = null, objects = [] } = annotation;
  const rows = objects.map(({ label: name, box, polygons, mask, is_crowd }) => [
    name,
    box,
    polygons ?? null,
    mask ? [mask.size, mask.counts] : null,
    is_crowd ?? false,
  ]);
  return JSON.stringify([label, rows]);
}
