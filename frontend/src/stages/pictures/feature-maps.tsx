import { useEffect, useId, useRef, useState } from "preact/hooks";
import { Choice } from "../../components/controls/choice";
import { Slider } from "../../components/controls/slider";
import { type Atlas, loadAtlas } from "../../components/pictures/atlas";
import { type Draw, Picture } from "../../components/pictures/picture";
import { formatNumber, t } from "../../i18n";
import type { StageProps } from "../props";
import type { FeatureLevel, FeatureMapsData } from "../shapes";

const STRONGEST = 5;

/** The channels of a layer: all in an atlas, one enlarged over the image. */
export function FeatureMaps({ data, files, input, picture, view }: StageProps<FeatureMapsData>) {
  const [at, requested] = view.spot.value?.length === 2 ? view.spot.value : [0, -1];
  const levelIndex = data.levels[at] ? at : 0;
  const level = data.levels[levelIndex];
  const channel = level.channels > requested && requested >= 0 ? requested : firstOf(level);
  const [opacity, setOpacity] = useState(0.75);
  const atlas = useAtlas(files[level.file]);
  const go = (toLevel: number, toChannel: number) => {
    view.spot.value = [toLevel, toChannel];
  };
  const behind = input ?? picture;

  const draw: Draw = (context, viewport) => {
    if (!atlas || !behind) return;
    context.save();
    context.globalAlpha = opacity;
    context.imageSmoothingEnabled = false;
    const x = (channel % level.columns) * level.tile_width;
    const y = Math.floor(channel / level.columns) * level.tile_height;
    context.drawImage(
      atlas.canvas,
      x,
      y,
      level.tile_width,
      level.tile_height,
      viewport.left,
      viewport.top,
      behind.width * viewport.scale,
      behind.height * viewport.scale,
    );
    context.restore();
  };

  return (
    <>
      <div class="stage-main">
        {data.levels.length > 1 && (
          <Choice
            legend={t("maps.level")}
            options={data.levels.map((one) => ({
              name: one.name,
              hint: t("maps.size", { n: one.channels, width: one.tile_width, height: one.tile_height }),
            }))}
            chosen={levelIndex}
            onChoose={(index) => go(index, firstOf(data.levels[index]))}
          />
        )}
        {behind && <Picture source={behind} draw={draw} label={pictureLabel(level, channel)} />}
        <AtlasPicker level={level} atlas={atlas} channel={channel} onPick={(next) => go(levelIndex, next)} />
      </div>
      <div class="stage-side">
        <section class="side-part">
          <h4>{t("maps.channel")}</h4>
          <ChannelPicker level={level} channel={channel} onPick={(next) => go(levelIndex, next)} />
          <Slider
            title={t("maps.opacity")}
            value={Math.round(opacity * 100)}
            max={100}
            onInput={(next) => setOpacity(next / 100)}
          />
          <Scale from={level.minimum[channel]} to={level.maximum[channel]} />
          {!level.names && (
            <Strongest level={level} channel={channel} onPick={(next) => go(levelIndex, next)} />
          )}
        </section>
      </div>
    </>
  );
}

const pictureLabel = (level: FeatureLevel, channel: number): string =>
  level.names ? t("maps.named", { name: level.names[channel] }) : t("maps.picture", { n: channel });

function useAtlas(url: string | undefined): Atlas | null {
  const [atlas, setAtlas] = useState<Atlas | null>(null);
  useEffect(() => {
    let isWanted = true;
    if (url) loadAtlas(url).then((made) => isWanted && setAtlas(made));
    return () => {
      isWanted = false;
    };
  }, [url]);
  return atlas?.url === url ? atlas : null;
}

const firstOf = (level: FeatureLevel): number => level.first ?? strongest(level)[0];

function strongest(level: FeatureLevel): number[] {
  return level.maximum.map((_, index) => index).sort((a, b) => level.maximum[b] - level.maximum[a]);
}

interface PickerProps {
  level: FeatureLevel;
  channel: number;
  onPick: (channel: number) => void;
}

/** Named channels are selected by name, others by number. */
function ChannelPicker({ level, channel, onPick }: PickerProps) {
  const id = useId();
  if (!level.names)
    return <Slider title={t("maps.number")} value={channel} max={level.channels - 1} onInput={onPick} />;
  return (
    <div class="field">
      <label for={id}>{t("maps.name")}</label>
      <select id={id} lang="en" onChange={(event) => onPick(Number(event.currentTarget.value))}>
        {level.names.map((name, index) => (
          <option key={index} value={index} selected={index === channel}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}

/** All channels at once. The slider or list beside it selects one by keyboard. */
function AtlasPicker({ level, atlas, channel, onPick }: PickerProps & { atlas: Atlas | null }) {
  const surface = useRef<HTMLCanvasElement>(null);
  const [width, height] = [level.columns * level.tile_width, level.rows * level.tile_height];
  useEffect(() => {
    const context = surface.current?.getContext("2d");
    if (!context || !atlas) return;
    context.clearRect(0, 0, width, height);
    context.drawImage(atlas.canvas, 0, 0);
    // empty tiles are not channels without activation
    const [used, high] = [((level.channels - 1) % level.columns) + 1, level.tile_height];
    context.clearRect(used * level.tile_width, height - high, width, high);
  }, [atlas, level, width, height]);
  const pick = (event: MouseEvent & { currentTarget: HTMLElement }) => {
    const area = event.currentTarget.getBoundingClientRect();
    const column = Math.floor(((event.clientX - area.left) / area.width) * level.columns);
    const row = Math.floor(((event.clientY - area.top) / area.height) * level.rows);
    const next = row * level.columns + column;
    if (next >= 0 && next < level.channels) onPick(next);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the slider or list picks by keyboard
    // biome-ignore lint/a11y/useKeyWithClickEvents: the slider or list picks by keyboard
    <div class="atlas" style={{ aspectRatio: `${width} / ${height}` }} onClick={pick}>
      <canvas
        ref={surface}
        width={width}
        height={height}
        role="img"
        aria-label={t("maps.atlas", { n: level.channels })}
      />
      {level.names?.map((name, index) => (
        <span key={index} class="atlas-name" lang="en" aria-hidden="true" style={tileStyle(level, index)}>
          <span>{name}</span>
        </span>
      ))}
      <i class="atlas-mark" aria-hidden="true" style={tileStyle(level, channel)} />
    </div>
  );
}

const tileStyle = ({ rows, columns }: FeatureLevel, channel: number) => ({
  insetInlineStart: `${((channel % columns) / columns) * 100}%`,
  insetBlockStart: `${(Math.floor(channel / columns) / rows) * 100}%`,
  inlineSize: `${100 / columns}%`,
  blockSize: `${100 / rows}%`,
});

function Scale({ from, to }: { from: number; to: number }) {
  return (
    <p class="heat-scale">
      <span>{formatNumber(from)}</span>
      <i aria-hidden="true" />
      <span>{formatNumber(to)}</span>
    </p>
  );
}

function Strongest({ level, channel, onPick }: PickerProps) {
  return (
    <table class="objects">
      <caption>{t("maps.strongest")}</caption>
      <thead>
        <tr>
          <th scope="col">{t("maps.channel")}</th>
          <th scope="col" class="is-number">
            {t("maps.minimum")}
          </th>
          <th scope="col" class="is-number">
            {t("maps.maximum")}
          </th>
        </tr>
      </thead>
      <tbody>
        {strongest(level)
          .slice(0, STRONGEST)
          .map((index) => (
            <tr key={index} class={index === channel ? "is-focus" : ""}>
              <td>
                <button
                  type="button"
                  class="link"
                  aria-pressed={index === channel}
                  onClick={() => onPick(index)}
                >
                  {t("maps.one", { n: index })}
                </button>
              </td>
              <td class="is-number">{formatNumber(level.minimum[index])}</td>
              <td class="is-number">{formatNumber(level.maximum[index])}</td>
            </tr>
          ))}
      </tbody>
    </table>
  );
}
