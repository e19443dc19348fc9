import { t } from "../../i18n";
import type { BoxScene, Layer } from "../boxes/box-scene";
import { useHotkeys } from "../shell/hotkeys";
import type { View } from "../workbench/view";

interface LayerChipsProps {
  scene: BoxScene;
  view: View;
  hasGrid: boolean;
}

/** What is drawn over the picture; the keys 1 to 4 switch the layers too. */
export function LayerChips({ scene, view, hasGrid }: LayerChipsProps) {
  const names: Layer[] = ["kept", "suppressed", "candidates"];
  if (hasGrid) names.push("grid");
  const toggle = (name: Layer) => {
    const isOn = scene.layers.includes(name);
    view.layers.value = isOn ? scene.layers.filter((layer) => layer !== name) : [...scene.layers, name];
  };
  useHotkeys(Object.fromEntries(names.map((name, index) => [String(index + 1), () => toggle(name)])));
  return (
    <fieldset class="chips">
      <legend>{t("layers.legend")}</legend>
      {names.map((name) => (
        <label key={name} class="chip">
          <input type="checkbox" checked={scene.layers.includes(name)} onChange={() => toggle(name)} />
          {t(`layers.${name}`)}
        </label>
      ))}
    </fieldset>
  );
}
