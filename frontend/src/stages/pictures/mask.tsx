import { Highlighter } from "lucide";
import { Icon, Swatch } from "../../components/controls/icon";
import { Slider } from "../../components/controls/slider";
import { MaskPicture, useMaskPixels } from "../../components/pictures/mask-picture";
import type { View } from "../../components/workbench/view";
import { formatNumber, t } from "../../i18n";
import type { StageProps } from "../props";
import type { MaskClass, MaskData } from "../shapes";

/** The class of each pixel, over the image; each class can be hidden and highlighted. */
export function Mask({ data, files, picture, input, view, part }: StageProps<MaskData>) {
  const pixels = useMaskPixels(files[data.file], data);
  const classes = view.numbers("classes"); // those that are drawn
  const chosen = classes.value;
  const shown = data.classes.map((one) => (chosen ? chosen.includes(one.index) : one.shown));
  const opacitySetting = view.number("opacity"); // in percent
  const opacity = opacitySetting.value ?? Math.round(data.opacity * 100);
  const focused = view.hovered.value ?? view.chosen.value;
  const place = data.classes.findIndex(({ index }) => index === focused);
  const source = picture ?? input;
  const Heading = part === "step" ? "h4" : "h2";
  return (
    <>
      <div class="stage-main">
        {source ? (
          <MaskPicture
            data={data}
            pixels={pixels}
            source={source}
            view={view}
            shown={shown}
            opacity={opacity / 100}
            focus={place < 0 ? null : place}
          />
        ) : (
          <p class="empty">{t("stage.noPicture")}</p>
        )}
      </div>
      <div class="stage-side">
        <section class="side-part">
          <Heading>{t("mask.classes", { n: data.classes.length })}</Heading>
          <Legend data={data} shown={shown} view={view} />
          <Slider
            title={t("mask.opacity")}
            value={opacity}
            max={100}
            onInput={(next) => {
              opacitySetting.value = next === Math.round(data.opacity * 100) ? null : next;
            }}
          />
        </section>
      </div>
    </>
  );
}

interface LegendProps {
  data: MaskData;
  shown: boolean[];
  view: View;
}

/** The classes as a table: legend, switches, and numbers in one. */
function Legend({ data, shown, view }: LegendProps) {
  const choose = (isShown: (place: number) => boolean) => {
    const isUsual = data.classes.every((one, place) => isShown(place) === one.shown);
    view.numbers("classes").value = isUsual
      ? null
      : data.classes.filter((_, place) => isShown(place)).map(({ index }) => index);
  };
  return (
    <>
      <div class="actions">
        <button type="button" class="button is-small" onClick={() => choose(() => true)}>
          {t("mask.all")}
        </button>
        <button type="button" class="button is-small" onClick={() => choose(() => false)}>
          {t("mask.none")}
        </button>
      </div>
      <table class="objects">
        <thead>
          <tr>
            <th scope="col">{t("mask.class")}</th>
            <th scope="col" class="is-number">
              {t("mask.share")}
            </th>
            <th scope="col">
              <span class="visually-hidden">{t("mask.point")}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {data.classes.map((one, place) => (
            <Row
              key={one.index}
              one={one}
              place={place}
              isShown={shown[place]}
              view={view}
              onToggle={() => choose((other) => (other === place ? !shown[other] : shown[other]))}
            />
          ))}
        </tbody>
      </table>
    </>
  );
}

interface RowProps {
  one: MaskClass;
  place: number;
  isShown: boolean;
  view: View;
  onToggle: () => void;
}

function Row({ one, place, isShown, view, onToggle }: RowProps) {
  const isFocus = view.hovered.value === one.index || view.chosen.value === one.index;
  const isChosen = view.chosen.value === one.index;
  const point = (index: number | null) => () => {
    view.hovered.value = index;
  };
  return (
    <tr
      class={isFocus ? "is-focus" : ""}
      onPointerEnter={point(one.index)}
      onPointerLeave={point(null)}
      onFocusIn={point(one.index)}
      onFocusOut={point(null)}
    >
      <td>
        <label class="inline">
          <input type="checkbox" checked={isShown} onChange={onToggle} />
          <small>{place + 1}</small>
          <Swatch color={one.color} />
          <span lang="en">{one.name}</span>
        </label>
      </td>
      <td class="is-number">{formatShare(one.share)}</td>
      <td>
        <button
          type="button"
          class="tool is-bare"
          aria-pressed={isChosen}
          aria-label={t("mask.pointOut", { name: one.name })}
          title={t("mask.pointOut", { name: one.name })}
          onClick={() => {
            view.chosen.value = isChosen ? null : one.index;
          }}
        >
          <Icon of={Highlighter} size={16} />
        </button>
      </td>
    </tr>
  );
}

const formatShare = (share: number) =>
  share > 0 && share < 0.001
    ? `< ${formatNumber(0.001, { style: "percent", maximumFractionDigits: 1 })}`
    : formatNumber(share, { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });
