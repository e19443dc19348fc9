import { Trash2 } from "lucide";
import { useId, useMemo, useState } from "preact/hooks";
import { CopyButton } from "../components/controls/copy-button";
import { Icon } from "../components/controls/icon";
import { Controls } from "../components/gan2d/controls";
import { Course, Figures } from "../components/gan2d/measures";
import { LAYERS, type Layer, Plane } from "../components/gan2d/plane";
import { DEFAULTS, PRESETS } from "../components/gan2d/settings";
import { SettingsForm } from "../components/gan2d/settings-form";
import { type GanState, isPreset, useGan, useSeldom } from "../components/gan2d/use-gan";
import { useTitle } from "../components/shell/title";
import { formatNumber, formatPercent, type Key, loadTopic, t } from "../i18n";
import type { Measured, Simulation } from "../networks/gan2d/simulation";
import "../style/gan.css";

await loadTopic({ en: () => import("../i18n/en/gan"), de: () => import("../i18n/de/gan") });

/** A generative adversarial network small enough to be trained in the page, one update after another. */
export default function GanPage() {
  useTitle(t("nav.gan"));
  const state = useGan();
  const { simulation, settings, pace } = state;
  const isQuick = pace === "fast";
  const records = useSeldom(simulation.records, !isQuick);
  // what a frame does not change is not compared with the frame before
  const course = useMemo(() => <Course records={records} />, [records]);
  const form = useMemo(
    () => <SettingsForm settings={settings} onChange={state.change} />,
    [settings, state.change],
  );
  return (
    <>
      <header class="page-head">
        <h1>{t("nav.gan")}</h1>
        <p class="lead">{t("gan.lead")}</p>
      </header>
      <div class="gan">
        <Stage state={state} />
        <div class="gan-side">
          <section class="card" aria-labelledby="presets-title">
            <h2 id="presets-title">{t("gan.presets")}</h2>
            <Presets state={state} />
          </section>
          <section class="card" aria-labelledby="settings-title">
            <h2 id="settings-title">{t("gan.settings")}</h2>
            {form}
            <div class="actions">
              <CopyButton isLink title={t("action.copyLink")} text={() => location.href} />
            </div>
          </section>
        </div>
        {records.length > 0 && <div class="gan-course">{course}</div>}
      </div>
    </>
  );
}

/** The plane with what moves it, and the numbers of this moment. */
function Stage({ state }: { state: GanState }) {
  const { simulation, settings, pace } = state;
  const id = useId();
  const [layers, setLayers] = useState<readonly Layer[]>(LAYERS);
  // while it plays, the record of a moment ago is near enough
  const measured = (pace === "fast" && simulation.records.at(-1)) || measuredNow(simulation);
  const isDrawn = settings.shape === "drawn";
  const status = useSeldom(statusOf(state), pace !== "fast");
  const label = measured
    ? t("gan.plane", {
        real: formatNumber(measured.real, { maximumSignificantDigits: 2 }),
        made: formatNumber(measured.fake, { maximumSignificantDigits: 2 }),
        covered: formatPercent(measured.covered),
      })
    : t("gan.empty");
  const toggle = (layer: Layer) =>
    setLayers(layers.includes(layer) ? layers.filter((one) => one !== layer) : [...layers, layer]);
  return (
    <section class="card gan-stage" aria-labelledby="plane-title">
      <h2 id="plane-title">{t("gan.title")}</h2>
      <Controls state={state} />
      <p class="hint" role="status">
        {status}
      </p>
      <Plane
        simulation={simulation}
        turn={state.turn}
        layers={layers}
        label={label}
        hintId={`${id}-hint`}
        onDraw={isDrawn ? (drawn) => state.change({ drawn }) : null}
      />
      {isDrawn && (
        <div class="actions">
          <button
            type="button"
            class="button is-small"
            disabled={settings.drawn.length === 0}
            onClick={() => state.change({ drawn: [] })}
          >
            <Icon of={Trash2} size={16} />
            {t("gan.clear")}
          </button>
          <p class="hint" id={`${id}-hint`}>
            {t("gan.drawHint")}
          </p>
        </div>
      )}
      <Legend />
      <fieldset class="chips">
        <legend>{t("gan.layers")}</legend>
        {LAYERS.map((layer) => (
          <label key={layer} class="chip">
            <input type="checkbox" checked={layers.includes(layer)} onChange={() => toggle(layer)} />
            {t(`gan.layer.${layer}`)}
          </label>
        ))}
      </fieldset>
      {measured && <Figures measured={measured} />}
    </section>
  );
}

const measuredNow = (simulation: Simulation): Measured | null =>
  simulation.isEmpty ? null : simulation.measure();

/** What has just happened, in a sentence. */
function statusOf({ simulation, phase, pace }: GanState): string {
  if (simulation.isEmpty) return t("gan.empty");
  if (simulation.hasDiverged) return t("gan.diverged");
  if (phase) return t(`gan.after${phase}`);
  if (simulation.updates === 0) return t("gan.begin");
  return t(pace === "paused" ? "gan.paused" : "gan.playing", { n: simulation.updates });
}

function Legend() {
  const samples: [string, string, Key][] = [
    ["gan-real", "M0 0h0", "gan.real"],
    ["gan-made", "M0-.05l.05 .09h-.1z", "gan.made"],
    ["gan-boundary", "M-.16 0H.16", "gan.boundary"],
    ["gan-arrows", "M-.13 0H.13M.05-.05L.13 0L.05 .05", "gan.push"],
    ["gan-grid", "M-.15-.05H.15M-.15 .05H.15M-.07-.09V.09M.07-.09V.09", "gan.z"],
  ];
  return (
    <ul class="legend">
      {samples.map(([name, way, key]) => (
        <li key={name}>
          <svg viewBox="-.16 -.1 .32 .2" width="32" height="20" aria-hidden="true">
            <path class={name} d={way} />
          </svg>
          {t(key)}
        </li>
      ))}
      <li>
        <i class="gan-scale" aria-hidden="true" />
        {t("gan.scale")}
      </li>
    </ul>
  );
}

/** Trainings that end in different ways, each with its explanation. */
function Presets({ state }: { state: GanState }) {
  const { settings, change } = state;
  const chosen = Object.keys(PRESETS).find((name) => isPreset(settings, PRESETS[name]));
  return (
    <>
      <div class="actions">
        {Object.entries(PRESETS).map(([name, preset]) => (
          <button
            key={name}
            type="button"
            class="button is-small"
            aria-pressed={name === chosen}
            onClick={() => change({ ...DEFAULTS, ...preset })}
          >
            {t(`gan.preset.${name}` as Key)}
          </button>
        ))}
      </div>
      <p class="hint">{t((chosen ? `gan.about.${chosen}` : "gan.about.own") as Key)}</p>
    </>
  );
}
