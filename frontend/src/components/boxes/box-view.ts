import type { Setting, View } from "../workbench/view";

/** What the reader sets on boxes: thresholds, layers, and which boxes are hidden. */
export interface BoxView {
  score: Setting<number>;
  iou: Setting<number>;
  layers: Setting<string[]>;
  hiddenLabels: Setting<string[]>;
  hiddenIds: Setting<string[]>;
}

export const boxView = (view: View): BoxView => ({
  score: view.number("conf"),
  iou: view.number("iou"),
  layers: view.list("layers"),
  hiddenLabels: view.list("hide"),
  hiddenIds: view.list("off"),
});

/** Adds an entry to a list, or takes it out; an empty list is no setting. */
export function toggle(setting: Setting<string[]>, entry: string): void {
  const list = setting.value ?? [];
  const next = list.includes(entry) ? list.filter((other) => other !== entry) : [...list, entry];
  setting.value = next.length > 0 ? next : null;
}

export const isHidden = (settings: BoxView, { label, id }: { label: string; id: number }): boolean =>
  Boolean(settings.hiddenLabels.value?.includes(label) || settings.hiddenIds.value?.includes(String(id)));
