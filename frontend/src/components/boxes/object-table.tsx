import { Eye, EyeOff } from "lucide";
import { useState } from "preact/hooks";
import { formatNumber, t } from "../../i18n";
import type { BoxItem } from "../../stages/shapes";
import { Icon, Swatch } from "../controls/icon";
import type { View } from "../workbench/view";
import { BoxButton, rowOf } from "./box-button";
import type { BoxScene } from "./box-scene";
import { toggle } from "./box-view";

const FIRST_ROWS = 12;

/** The detected objects; hovering one highlights it in the image, and vice versa. */
export function ObjectTable({ scene, view }: { scene: BoxScene; view: View }) {
  const [isWhole, setWhole] = useState(false);
  const { kept } = scene.outcome;
  if (kept.length === 0)
    return <p class="empty">{scene.isLive ? t("objects.noneLive") : t("objects.none")}</p>;
  const rows = isWhole ? kept : kept.slice(0, FIRST_ROWS);
  return (
    <>
      <LabelToggles kept={kept} scene={scene} />
      <table class="objects">
        <thead>
          <tr>
            <th scope="col" class="is-number">
              #
            </th>
            <th scope="col">{t("objects.object")}</th>
            <th scope="col" class="is-number">
              {t("objects.score")}
            </th>
            {scene.isLive && (
              <th scope="col" class="is-number">
                {t("objects.dropped")}
              </th>
            )}
            <th scope="col">
              <span class="visually-hidden">{t("objects.shown")}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((item) => (
            <Row key={item.id} item={item} scene={scene} view={view} />
          ))}
        </tbody>
      </table>
      {kept.length > FIRST_ROWS && (
        <button type="button" class="button is-quiet is-small" onClick={() => setWhole(!isWhole)}>
          {isWhole ? t("objects.fewer") : t("objects.all", { n: kept.length })}
        </button>
      )}
    </>
  );
}

function Row({ item, scene, view }: { item: BoxItem; scene: BoxScene; view: View }) {
  const isShown = !scene.isHidden(item);
  const name = `${item.id} ${item.label}`;
  return (
    <tr {...rowOf(item, view)}>
      <td class="is-number">{item.id}</td>
      <td>
        <BoxButton item={item} scene={scene} view={view}>
          {item.label}
        </BoxButton>
      </td>
      <td class="is-number">
        {formatNumber(item.score, { minimumFractionDigits: 2, maximumFractionDigits: 2 })}
      </td>
      {scene.isLive && <td class="is-number">{formatNumber(scene.dropped.get(item.id) ?? 0)}</td>}
      <td>
        <button
          type="button"
          class="tool is-bare"
          aria-pressed={isShown}
          aria-label={t("objects.show", { name })}
          disabled={scene.settings.hiddenLabels.value?.includes(item.label)}
          onClick={() => toggle(scene.settings.hiddenIds, String(item.id))}
        >
          <Icon of={isShown ? Eye : EyeOff} size={16} />
        </button>
      </td>
    </tr>
  );
}

function LabelToggles({ kept, scene }: { kept: BoxItem[]; scene: BoxScene }) {
  const counts = new Map<string, number>();
  for (const { label } of kept) counts.set(label, (counts.get(label) ?? 0) + 1);
  if (counts.size < 2) return null;
  return (
    <fieldset class="label-toggles">
      <legend class="visually-hidden">{t("objects.classes")}</legend>
      {[...counts].map(([label, count]) => {
        const isShown = !scene.settings.hiddenLabels.value?.includes(label);
        return (
          <button
            key={label}
            type="button"
            class="label-toggle"
            aria-pressed={isShown}
            aria-label={t("objects.show", { name: label })}
            onClick={() => toggle(scene.settings.hiddenLabels, label)}
          >
            <Icon of={isShown ? Eye : EyeOff} size={16} />
            <Swatch color={scene.paints.get(label)?.line} />
            {label} <small>{count}</small>
          </button>
        );
      })}
    </fieldset>
  );
}
