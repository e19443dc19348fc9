import { useState } from "preact/hooks";
import { formatNumber, t } from "../../../i18n";
import type { SweepData } from "../../../stages/shapes";
import { ranked, type Setting } from "../../../stages/sweep/analysis";
import { type Names, summaryText } from "../../../stages/sweep/names";
import { scaleOf } from "../../../stages/sweep/scale";
import { Legend } from "../../charts/legend";
import { pathOfGroup, rangeOf, ticksOf } from "../../charts/plot";
import type { View } from "../../workbench/view";

const FIRST = 12; // settings that are shown at first

interface SeedStripProps {
  data: SweepData;
  settings: Setting[];
  names: Names;
  view: View;
}

/** Every fit as a dot, a line for each setting, the best setting first: is the difference larger than the seeds' noise? */
export function SeedStrip({ data, settings, names, view }: SeedStripProps) {
  const [isWhole, setWhole] = useState(false);
  const order = ranked(settings, data.greater_is_better);
  if (order.length === 0) return null;
  const shown = isWhole ? order : order.slice(0, FIRST);
  const scale = scaleOf(
    shown.flatMap(({ fits }) => fits.flatMap(({ value }) => value ?? [])),
    data.greater_is_better,
  );
  const [low, high] = rangeOf([scale.best, scale.worst]);
  const place = (figure: number) => (100 * (Math.min(Math.max(figure, low), high) - low)) / (high - low);
  return (
    <div class="sweep-part">
      <ol class="seed-strip">
        {shown.map((setting) => (
          <li key={setting.places.join()}>
            <button
              type="button"
              class="strip-name"
              aria-pressed={settings[view.chosen.value ?? -1] === setting}
              aria-label={summaryText(setting, names)}
              onClick={() => {
                view.chosen.value = settings.indexOf(setting);
              }}
            >
              <span>{names.setting(setting.values)}</span>
              <span>{names.written(setting.value?.mean)}</span>
            </button>
            <span class="strip" aria-hidden="true">
              <i class="strip-range" style={rangeStyle(setting, place)} />
              <i class="strip-mean" style={{ insetInlineStart: `${place(setting.value?.mean ?? low)}%` }} />
              {setting.fits.map(
                (fit) =>
                  fit.value !== null && (
                    <svg
                      key={fit.cell}
                      viewBox="-7 -7 14 14"
                      style={{ insetInlineStart: `${place(fit.value)}%` }}
                    >
                      <path d={pathOfGroup(groupOf(data, fit.seed))} />
                    </svg>
                  ),
              )}
            </span>
          </li>
        ))}
      </ol>
      <p class="strip-axis" aria-hidden="true">
        {ticksOf([low, high], 4).map((tick) => (
          <span key={tick} style={{ insetInlineStart: `${place(tick)}%` }}>
            {formatNumber(tick, { maximumSignificantDigits: 3, notation: "compact" })}
          </span>
        ))}
      </p>
      {data.seeds.length > 1 && (
        <Legend
          names={data.seeds.map((seed) => t("sweep.seedIs", { n: seed }))}
          fills={data.seeds.map(() => "var(--series-1)")}
        />
      )}
      {scale.isCut && <p class="hint">{t("sweep.cut")}</p>}
      {order.length > FIRST && (
        <button type="button" class="button is-small" onClick={() => setWhole(!isWhole)}>
          {isWhole ? t("sweep.fewer") : t("sweep.all", { n: order.length })}
        </button>
      )}
    </div>
  );
}

/** The shape of a seed. */
const groupOf = ({ seeds }: SweepData, seed: number | null) => (seed === null ? 0 : seeds.indexOf(seed));

function rangeStyle({ value }: Setting, place: (figure: number) => number) {
  if (!value) return undefined;
  const [start, end] = [place(value.low), place(value.high)];
  return { insetInlineStart: `${start}%`, inlineSize: `${end - start}%` };
}
