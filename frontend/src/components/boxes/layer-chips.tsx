import { t } from "../../i18n";
import { useHotkeys } from "../shell/hotkeys";
import type { BoxScene, Layer } from "./box-scene";

interface LayerChipsProps {
  scene: BoxScene;
  hasGrid: boolean;
}

/** The layers over the image; keys 1 to 4 toggle them too. */
export function LayerChips({ scene, hasGrid }: LayerChipsProps) {
  const names: Layer[] = ["kept", "suppressed", "candidates"];
  if (hasGrid) names.push("grid");
  const { layers } = scene.settings;
  const toggle = (name: Layer) => {
    const isOn = scene.layers.includes(name);
    layers.value = isOn ? scene.layers.filter((layer) => layer !== name) : [...scene.layers, name];
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
