import type { LabeledObject, DatasetMask as Mask } from "../api/types";
import type { Corners } from "./annotation";
import { boxOfMask } from "./run-lengths";
import type { ScoredLabel } from "./state";

export interface Suggestions {
  objects: (LabeledObject & { score: number })[];
  labels: ScoredLabel[];
}

interface Sides {
  xmin: number;
  ymin: number;
  xmax: number;
  ymax: number;
}

/** The parts of a job's result that labels can be made of. */
interface Found {
  objects?: { label: string; score: number; box: Sides }[];
  instances?: { label: string; score: number; box: Sides; rle?: Mask }[] | null;
  classes?: { name?: string; label?: string; index?: number; score?: number; rle?: Mask }[];
}

/** The capability whose models suggest labels of a dataset's kind. */
export const SUGGESTED_BY: Record<string, string> = {
  classes: "classification",
  boxes: "detection",
  masks: "segmentation",
};

const corners = ({ xmin, ymin, xmax, ymax }: Sides): Corners => [xmin, ymin, xmax, ymax];

/** What a model found, with the dataset's names of classes. */
export function suggestionsOf(result: unknown, nameOf: (label: string) => string): Suggestions {
  const { objects, instances, classes = [] } = (result ?? {}) as Found;
  if (objects)
    return {
      objects: objects.map(({ label, score, box }) => ({ label: nameOf(label), score, box: corners(box) })),
      labels: [],
    };
  const masks = instances?.flatMap(({ label, score, rle }) => masked(nameOf(label), score, rle));
  const areas = classes.flatMap(({ name = "", index, rle }) => (index ? masked(nameOf(name), 1, rle) : []));
  const labels = classes.flatMap(({ label, score = 0 }) =>
    label === undefined ? [] : [{ label: nameOf(label), score }],
  );
  return { objects: masks ?? areas, labels };
}

function masked(label: string, score: number, mask: Mask | undefined): Suggestions["objects"] {
  const box = mask && boxOfMask(mask);
  return mask && box ? [{ label, score, box, mask }] : [];
}

/** The dataset's class for a model's label: as assigned before, or of the same name whatever its case; else the label. */
export function classOf(label: string, classes: string[], assigned: Record<string, string>): string {
  const known = assigned[label];
  if (known && classes.includes(known)) return known;
  const lower = label.toLowerCase();
  return classes.find((name) => name.toLowerCase() === lower) ?? label;
}
