import { useMemo } from "preact/hooks";
import type { BoxesData, BoxItem } from "../../stages/shapes";
import { type Paint, paints } from "../charts/palette";
import type { View } from "../workbench/view";
import { type BoxView, boxView, isHidden } from "./box-view";
import { type Suppression, suppress } from "./suppression";

export const LAYERS = ["kept", "suppressed", "candidates", "grid"] as const;
export type Layer = (typeof LAYERS)[number];

const LAYERS_OF: Record<string, Layer[]> = {
  kept: ["kept"],
  suppressed: ["kept", "suppressed"],
  candidates: ["candidates"],
};

/** Everything a view of boxes draws, recomputed when a threshold moves. */
export interface BoxScene {
  settings: BoxView;
  score: number;
  iou: number;
  iouAcross: number;
  layers: Layer[];
  outcome: Suppression;
  byId: Map<number, BoxItem>;
  paints: Map<string, Paint>;
  /** The number of boxes that each kept box suppressed. */
  dropped: Map<number, number>;
  isHidden: (item: BoxItem) => boolean;
  isLive: boolean; // there are candidates to choose from
}

const NO_DEFAULTS: NonNullable<BoxesData["defaults"]> = { score: 0, iou: 1 };

export function useBoxScene(data: BoxesData, view: View, ownLayers: boolean): BoxScene {
  const defaults = data.defaults ?? NO_DEFAULTS;
  const hasCandidates = !data.isPartial;
  const settings = boxView(view);
  const ownScore = settings.score.value ?? 0;
  const score = settings.score.value ?? defaults.score;
  const iou = settings.iou.value ?? defaults.iou;
  const iouAcross = defaults.iou_across ?? 1;
  const outcome = useMemo(
    // kept boxes alone do not determine the result of another IoU threshold
    () =>
      hasCandidates
        ? suppress(data.boxes, score, iou, defaults.max_objects, iouAcross)
        : suppress(data.boxes, ownScore, 1, defaults.max_objects),
    [data, score, iou, iouAcross, hasCandidates, defaults.max_objects],
  );
  const fixed = useMemo(
    () => ({
      byId: new Map(data.boxes.map((item) => [item.id, item])),
      paints: paints(data.boxes.map((item) => item.label)),
    }),
    [data],
  );
  const usual = LAYERS_OF[data.show ?? "kept"];
  const chosen = ownLayers ? settings.layers.value : null;
  const dropped = new Map<number, number>();
  for (const { by } of outcome.verdicts.values())
    if (by !== null) dropped.set(by, (dropped.get(by) ?? 0) + 1);
  return {
    settings,
    score,
    iou,
    iouAcross,
    outcome,
    ...fixed,
    layers: chosen ? LAYERS.filter((layer) => chosen.includes(layer)) : usual,
    dropped,
    isHidden: (item) => isHidden(settings, item),
    isLive: data.defaults !== undefined && hasCandidates,
  };
}

/** The boxes to draw in ascending order of score, so that the highest is on top. */
export function drawnItems(scene: BoxScene): BoxItem[] {
  const isOnLayer = (item: BoxItem) => {
    const status = scene.outcome.verdicts.get(item.id)?.status ?? "kept";
    return (
      scene.layers.includes("candidates") ||
      (status === "kept" && scene.layers.includes("kept")) ||
      (status === "suppressed" && scene.layers.includes("suppressed"))
    );
  };
  return [...scene.byId.values()]
    .filter((item) => isOnLayer(item) && !scene.isHidden(item))
    .sort((a, b) => a.score - b.score);
}

export function areaOf({ box }: BoxItem): number {
  return (box.xmax - box.xmin) * (box.ymax - box.ymin);
}

/** The smallest box around a point: the one to select when boxes are nested. */
export function itemAt(items: BoxItem[], point: { x: number; y: number }): BoxItem | null {
  const around = items.filter(
    ({ box }) => point.x >= box.xmin && point.x <= box.xmax && point.y >= box.ymin && point.y <= box.ymax,
  );
  return around.reduce<BoxItem | null>(
    (best, item) => (best && areaOf(best) <= areaOf(item) ? best : item),
    null,
  );
}
