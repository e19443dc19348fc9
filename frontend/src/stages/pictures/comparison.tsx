import { useSignal } from "@preact/signals";
import { ArrowLeftRight, ChevronsLeftRight, Download, Repeat2 } from "lucide";
import { useEffect, useId, useRef } from "preact/hooks";
import { Choice } from "../../components/controls/choice";
import { Icon } from "../../components/controls/icon";
import { type ComparisonView, flipped, readView, writeView } from "../../components/pictures/comparison-view";
import { Picture, type Place } from "../../components/pictures/picture";
import type { PictureSource } from "../../components/pictures/source";
import { isMeant, useHotkeys } from "../../components/shell/hotkeys";
import { t } from "../../i18n";
import type { StageProps } from "../props";
import type { ComparedPicture, ComparisonData } from "../shapes";

const HOLD_MS = 250; // a longer press only shows the other image: releasing it restores the divider

/** Two of several images of one scene: with a divider, flipped, or side by side. */
export function Comparison({ data, files, picture, view, part }: StageProps<ComparisonData>) {
  const slot = part === "step" ? view.spot : view.numbers("compare"); // left, right, split, side by side
  const shown = readView(data, slot.value);
  const set = (change: Partial<ComparisonView>) => {
    slot.value = writeView(data, { ...shown, ...change });
  };
  const urlOf = ({ file }: ComparedPicture) => (file === null ? picture?.url : files[file]);
  const sourceOf = (index: number): PictureSource | null => {
    const one = data.pictures[index];
    const url = urlOf(one);
    const { width, height } = data;
    return url ? { url, width, height, alt: one.alt, pixels: one.width * one.height } : null;
  };
  const [left, right] = [sourceOf(shown.left), sourceOf(shown.right)];
  const names = data.pictures.map(({ name }) => name);
  const Heading = part === "step" ? "h4" : "h2";
  if (!left || !right) return <p class="stage-main empty">{t("stage.noPicture")}</p>;
  return (
    <>
      <div class="stage-main">
        {shown.isBeside ? (
          <Beside
            left={left}
            right={right}
            names={[names[shown.left], names[shown.right]]}
            key={left.url + right.url}
          />
        ) : (
          <Divided left={left} right={right} names={names} shown={shown} onChange={set} />
        )}
        <div class="compare-bar">
          <PictureSelect
            title={t("compare.left")}
            names={names}
            chosen={shown.left}
            onChoose={(index) => set({ left: index })}
          />
          <button
            type="button"
            class="tool"
            aria-label={t("compare.swap")}
            title={t("compare.swap")}
            onClick={() => set({ left: shown.right, right: shown.left })}
          >
            <Icon of={ArrowLeftRight} />
          </button>
          <PictureSelect
            title={t("compare.right")}
            names={names}
            chosen={shown.right}
            onChoose={(index) => set({ right: index })}
          />
          <Choice
            legend={t("compare.how")}
            options={[{ name: t("compare.divider") }, { name: t("compare.beside") }]}
            chosen={shown.isBeside ? 1 : 0}
            onChoose={(index) => set({ isBeside: index === 1 })}
          />
        </div>
      </div>
      {part !== "sample" && (
        <div class="stage-side">
          <section class="side-part">
            <Heading>{t("compare.pictures")}</Heading>
            <PictureTable data={data} urlOf={urlOf} shown={shown} />
          </section>
        </div>
      )}
    </>
  );
}

interface PairProps {
  left: PictureSource;
  right: PictureSource;
  names: string[];
}

interface DividedProps extends PairProps {
  shown: ComparisonView;
  onChange: (change: Partial<ComparisonView>) => void;
}

function Divided({ left, right, names, shown, onChange }: DividedProps) {
  const { split } = shown;
  const [before, after] = [names[shown.left], names[shown.right]];
  const place = useRef<HTMLDivElement>(null);
  const pressed = useRef<{ at: number; split: number } | null>(null);
  const isFlipped = useRef(false); // by the pointer, before its click comes
  const flip = () => onChange({ split: flipped(split) });
  const press = () => {
    pressed.current ??= { at: Date.now(), split };
    flip();
  };
  const release = () => {
    const held = pressed.current;
    pressed.current = null;
    if (held && Date.now() - held.at > HOLD_MS) onChange({ split: held.split });
  };
  useHotkeys({
    b: (event) => {
      if (!isMeant(place.current, ".compare")) return false;
      if (!event.repeat) press();
    },
  });
  const latest = useRef(release);
  latest.current = release;
  useEffect(() => {
    const up = (event: KeyboardEvent) => event.key === "b" && latest.current();
    addEventListener("keyup", up);
    return () => removeEventListener("keyup", up);
  }, []);

  const shares = t("compare.shares", { before, after, left: split, right: 100 - split });
  return (
    <div ref={place} class="compare">
      <Picture
        source={left}
        over={{ source: right, split: split / 100 }}
        label={t("compare.label", { before, after })}
      >
        <span class="compare-name is-left" aria-hidden="true" hidden={split === 0}>
          {before}
        </span>
        <span class="compare-name is-right" aria-hidden="true" hidden={split === 100}>
          {after}
        </span>
        <i class="compare-line" aria-hidden="true" style={{ insetInlineStart: `${split}%` }}>
          <Icon of={ChevronsLeftRight} size={20} />
        </i>
        <input
          class="compare-range"
          type="range"
          min={0}
          max={100}
          value={split}
          aria-label={t("compare.split")}
          aria-valuetext={shares}
          onInput={(event) => onChange({ split: event.currentTarget.valueAsNumber })}
        />
      </Picture>
      <div class="compare-flip">
        <button
          type="button"
          class="button is-small"
          title={`${t("compare.flipHint")} (B)`}
          onPointerDown={() => {
            isFlipped.current = true;
            press();
          }}
          onPointerUp={release}
          onPointerCancel={release}
          onClick={() => {
            if (!isFlipped.current) flip();
            isFlipped.current = false;
          }}
        >
          <Icon of={Repeat2} />
          {t("compare.flip")} <kbd>B</kbd>
        </button>
        <p class="hint" role="status">
          {split === 0 || split === 100
            ? t("compare.whole", { name: split === 100 ? before : after })
            : shares}
        </p>
      </div>
    </div>
  );
}

/** Zoomed and moved as one. */
function Beside({ left, right, names }: PairProps) {
  const together = useSignal<Place>({ scale: 1, x: 0, y: 0 });
  return (
    <div class="compare-pair">
      {[left, right].map((source, index) => (
        <figure key={index}>
          <Picture source={source} together={together} />
          <figcaption>{names[index]}</figcaption>
        </figure>
      ))}
    </div>
  );
}

interface PictureSelectProps {
  title: string;
  names: string[];
  chosen: number;
  onChoose: (index: number) => void;
}

function PictureSelect({ title, names, chosen, onChoose }: PictureSelectProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{title}</label>
      <select id={id} onChange={(event) => onChoose(Number(event.currentTarget.value))}>
        {names.map((name, index) => (
          <option key={name} value={index} selected={index === chosen}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}

interface PictureTableProps {
  data: ComparisonData;
  urlOf: (one: ComparedPicture) => string | undefined;
  shown: ComparisonView;
}

/** The pictures as a table, each with a download. */
function PictureTable({ data, urlOf, shown }: PictureTableProps) {
  return (
    <table class="objects">
      <thead>
        <tr>
          <th scope="col">{t("compare.picture")}</th>
          <th scope="col" class="is-number">
            {t("compare.size")}
          </th>
          <th scope="col">
            <span class="visually-hidden">{t("action.download")}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {data.pictures.map((one, index) => (
          <tr key={one.name} class={index === shown.left || index === shown.right ? "is-focus" : ""}>
            <th scope="row">
              <strong>{one.name}</strong>
              <small>{one.alt}</small>
            </th>
            <td class="is-number compare-size">
              {one.width} × {one.height}
            </td>
            <td>
              <a
                class="tool is-bare"
                href={urlOf(one)}
                download={one.file ?? ""}
                aria-label={t("compare.save", { name: one.name })}
                title={t("action.download")}
              >
                <Icon of={Download} size={16} />
              </a>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
