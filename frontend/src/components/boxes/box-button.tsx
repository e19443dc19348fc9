import type { ComponentChildren } from "preact";
import type { BoxItem } from "../../stages/shapes";
import { Swatch } from "../controls/icon";
import type { View } from "../workbench/view";
import type { BoxScene } from "./box-scene";

interface BoxButtonProps {
  item: BoxItem;
  scene: BoxScene;
  view: View;
  children: ComponentChildren;
}

/** Chooses a box, and shows it in the picture while it has the focus. */
export const BoxButton = ({ item, scene, view, children }: BoxButtonProps) => (
  <button
    type="button"
    class="link"
    aria-pressed={view.chosen.value === item.id}
    onFocus={() => pointAt(view, item.id)}
    onBlur={() => pointAt(view, null)}
    onClick={() => {
      view.chosen.value = view.chosen.value === item.id ? null : item.id;
    }}
  >
    <Swatch color={scene.paints.get(item.label)?.line} />
    {children}
  </button>
);

/** Of the table's row: the box that the pointer is on is shown in the picture, and vice versa. */
export const rowOf = (item: BoxItem, view: View) => ({
  class: view.hovered.value === item.id || view.chosen.value === item.id ? "is-focus" : "",
  onPointerEnter: () => pointAt(view, item.id),
  onPointerLeave: () => pointAt(view, null),
});

const pointAt = (view: View, id: number | null): void => {
  view.hovered.value = id;
};
