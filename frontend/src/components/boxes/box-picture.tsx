import { formatPercent, t } from "../../i18n";
import type { BoxItem, GridData } from "../../stages/shapes";
import { type DrawnBox, drawBoxes, drawGrid, drawOverlap } from "../charts/draw";
import { paintOf } from "../charts/palette";
import { type Draw, Picture } from "../pictures/picture";
import type { PictureSource } from "../pictures/source";
import type { View } from "../workbench/view";
import { type BoxScene, drawnItems, itemAt } from "./box-scene";
import { intersection } from "./suppression";

interface BoxPictureProps {
  scene: BoxScene;
  source: PictureSource;
  view: View;
  grid?: GridData | null;
}

/** The image with its boxes; the hovered or selected one is highlighted together with the box that suppressed it. */
export function BoxPicture({ scene, source, view, grid }: BoxPictureProps) {
  const items = drawnItems(scene);
  const focus = view.hovered.value ?? view.chosen.value;
  const focused = focus === null ? undefined : scene.byId.get(focus);
  const verdict = focused && scene.outcome.verdicts.get(focused.id);
  const keeper = verdict?.by != null ? scene.byId.get(verdict.by) : undefined;
  const shown = withFocus(items, focused, keeper);
  const isOne = focused !== undefined && shown.includes(focused);

  const draw: Draw = (context, viewport) => {
    if (grid && scene.layers.includes("grid"))
      drawGrid(context, viewport, grid.levels[grid.levels.length - 1], scene.layers.includes("candidates"));
    if (focused && keeper)
      drawOverlap(context, viewport, focused.box, keeper.box, intersection(focused.box, keeper.box));
    drawBoxes(
      context,
      viewport,
      shown.map((item) => drawn(item, scene, isOne && item !== focused && item !== keeper, item === focused)),
    );
  };

  return (
    <Picture
      source={source}
      draw={draw}
      label={t("picture.boxes", { n: items.length })}
      onPoint={(point) => {
        view.hovered.value = (point && itemAt(items, point)?.id) ?? null;
      }}
      onPick={(point) => {
        const picked = itemAt(items, point)?.id ?? null;
        view.chosen.value = picked === view.chosen.value ? null : picked;
      }}
    />
  );
}

function withFocus(items: BoxItem[], focused?: BoxItem, keeper?: BoxItem): BoxItem[] {
  const more = [keeper, focused].filter((item) => item !== undefined && !items.includes(item)) as BoxItem[];
  return [...items, ...more];
}

function drawn(item: BoxItem, scene: BoxScene, isDimmed: boolean, isStrong: boolean): DrawnBox {
  const status = scene.outcome.verdicts.get(item.id)?.status ?? "kept";
  const isKept = status === "kept";
  const isFaint =
    status === "below" || (scene.layers.includes("candidates") && !scene.layers.includes("kept"));
  return {
    box: item.box,
    paint: scene.paints.get(item.label) ?? paintOf(0),
    style: isStrong ? (isKept ? "solid" : "dashed") : isFaint ? "faint" : isKept ? "solid" : "dashed",
    strength: isFaint && !isStrong ? 0.3 + 0.7 * Math.sqrt(item.score) : 1,
    isDimmed,
    isStrong,
    text: isStrong || (isKept && !isFaint) ? `${item.label} ${formatPercent(item.score)}` : undefined,
    number: isStrong || (isKept && !isFaint) ? String(item.id) : undefined,
  };
}
