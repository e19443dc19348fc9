import { useMemo } from "preact/hooks";
import type { BoxesData, BoxItem } from "../../stages/shapes";
import { type Paint, paints } from "../charts/palette";
import type { View } from "../workbench/view";
import { type Suppression, suppress } from "./suppression";

export const LAYERS = ["kept", "suppressed", "candidates", "grid"] as const;
export type Layer = (typeof LAYERS)[number];

const LAYERS_OF: Record<string, Layer[]> = {
  kept: ["kept"],
  suppressed: ["kept", "suppressed"],
  candidates: ["candidates"],
};

/** All that a view of boxes is drawn from, worked out anew when a threshold moves. */
export interface BoxScene {
  score: number;
  iou: number;
  layers: Layer[];
  outcome: Suppression;
  /** 1, 2, 3 … of the kept boxes, strongest first, as the table and narrow pictures number them. */
  numbers: Map<number, number>;
  byId: Map<number, BoxItem>;
  paints: Map<string, Paint>;
  /** How many boxes each kept box dropped. */
  dropped: Map<number, number>;
  isHidden: (item: BoxItem) => boolean;
  isLive: boolean; // there are candidates to choose from
}

const NO_DEFAULTS: NonNullable<BoxesData["defaults"]> = { score: 0, iou: 1 };

export function useBoxScene(data: BoxesData, view: View, ownLayers: boolean): BoxScene {
  const defaults = data.defaults ?? NO_DEFAULTS;
  const score = view.score.value ?? defaults.score;
  const iou = view.iou.value ?? defaults.iou;
  const outcome = useMemo(
    () => suppress(data.boxes, score, iou, defaults.max_objects),
    [data, score, iou, defaults.max_objects],
  );
  const fixed = useMemo(
    () => ({
      byId: new Map(data.boxes.map((item) => [item.id, item])),
      paints: paints(data.boxes.map((item) => item.label)),
    }),
    [data],
  );
  const usual = LAYERS_OF[data.show ?? "kept"];
  const chosen = ownLayers ? view.layers.value : null;
  const dropped = new Map<number, number>();
  for (const { by } of outcome.verdicts.values())
    if (by !== null) dropped.set(by, (dropped.get(by) ?? 0) + 1);
  const [labels, ids] = [view.hiddenLabels.value, view.hiddenIds.value];
  return {
    score,
    iou,
    outcome,
    ...fixed,
    layers: chosen ? LAYERS.filter((layer) => chosen.includes(layer)) : usual,
    numbers: new Map(outcome.kept.map((item, index) => [item.id, index + 1])),
    dropped,
    isHidden: (item) => labels.includes(item.label) || ids.includes(item.id),
    isLive: data.defaults !== undefined,
  };
}

/** What is drawn, weakest first, so that the strongest lies on top. */
export function drawnItems(scene: BoxScene): BoxItem[] {
  const wanted = (item: BoxItem) => {
    const status = scene.outcome.verdicts.get(item.id)?.status ?? "kept";
    return (
      scene.layers.includes("candidates") ||
      (status === "kept" && scene.layers.includes("kept")) ||
      (status === "suppressed" && scene.layers.includes("suppressed"))
    );
  };
  return [...scene.byId.values()]
    .filter((item) => wanted(item) && !scene.isHidden(item))
    .sort((a, b) => a.score - b.score);
}

export function areaOf({ box }: BoxItem): number {
  return (box.xmax - box.xmin) * (box.ymax - box.ymin);
}

/** The smallest box around a point: the one a pointer means when boxes lie in each other. */
export function itemAt(items: BoxItem[], point: { x: number; y: number }): BoxItem | null {
  const around = items.filter(
    ({ box }) => point.x >= box.xmin && point.x <= box.xmax && point.y >= box.ymin && point.y <= box.ymax,
  );
  return around.reduce<BoxItem | null>(
    (best, item) => (best && areaOf(best) <= areaOf(item) ? best : item),
    null,
  );
}
