import { useId, useState } from "preact/hooks";
import { useResource } from "../../api/resource";
import { reviews } from "../../api/reviews";
import type { Model, ModelChanges } from "../../api/types";
import { formatPercent, t } from "../../i18n";
import { useAction } from "../controls/action";
import { Problem } from "../controls/problem";
import "./topic";

interface BandProps {
  model: Model;
  /** Throws ApiError: nothing was saved. */
  onSave: (changes: ModelChanges) => Promise<unknown>;
}

const STEP = 0.01;
const BARS = 20;

/** The band of confidence within which a model's answers wait for a person, on its last answers. */
export function Band({ model, onSave }: BandProps) {
  const { name, version, review_from, review_to } = model;
  const [low, setLow] = useState(review_from ?? 0);
  const [high, setHigh] = useState(review_to ?? 0.5);
  const { isBusy, problem, run } = useAction();
  const last = useResource(`${name} ${version}`, (signal) => reviews.confidences(name, version, signal));
  const values = last.data?.items ?? [];
  const total = values.length + (last.data?.without ?? 0);
  const within = values.filter((value) => value >= low && value <= high).length;
  const move = (from: number, to: number) => {
    setLow(from);
    setHigh(to);
  };
  const save = (changes: ModelChanges) => run(() => onSave(changes));
  const isOn = review_from !== null && review_to !== null;
  return (
    <section class="card" aria-labelledby="band-title">
      <h2 id="band-title">{t("band.title")}</h2>
      <p class="hint">{t("band.lead")}</p>
      <p role="status">
        <strong>
          {isOn
            ? t("band.on", { from: formatPercent(review_from), to: formatPercent(review_to) })
            : t("band.off")}
        </strong>{" "}
        <a href="/reviews">{t("band.queue")}</a>
      </p>
      {values.length > 0 && <Bars values={values} low={low} high={high} within={within} />}
      <div class="pair">
        <End title={t("band.from")} value={low} onInput={(value) => move(value, Math.max(value, high))} />
        <End title={t("band.to")} value={high} onInput={(value) => move(Math.min(value, low), value)} />
      </div>
      {last.data && (
        <p>
          {total === 0
            ? t("band.noAnswers")
            : t("band.would", { n: total, waiting: within, share: formatPercent(within / total) })}{" "}
          {last.data.without > 0 && t("band.without", { n: last.data.without })}
        </p>
      )}
      <Problem text={problem} />
      <div class="actions">
        <button
          type="button"
          class="button is-primary"
          disabled={isBusy || (low === review_from && high === review_to)}
          onClick={() => save({ review_from: low, review_to: high })}
        >
          {t("band.save")}
        </button>
        {isOn && (
          <button
            type="button"
            class="button"
            disabled={isBusy}
            onClick={() => save({ review_from: null, review_to: null })}
          >
            {t("band.clear")}
          </button>
        )}
      </div>
      <p class="hint">{t("band.later")}</p>
    </section>
  );
}

interface EndProps {
  title: string;
  value: number;
  onInput: (value: number) => void;
}

function End({ title, value, onInput }: EndProps) {
  const id = useId();
  return (
    <div class="field">
      <div class="field-head">
        <label for={id}>{title}</label>
        <output for={id}>{formatPercent(value)}</output>
      </div>
      <input
        id={id}
        type="range"
        min={0}
        max={1}
        step={STEP}
        value={value}
        aria-valuetext={formatPercent(value)}
        onInput={(event) => onInput(event.currentTarget.valueAsNumber)}
      />
    </div>
  );
}

interface BarsProps {
  values: number[];
  low: number;
  high: number;
  within: number;
}

/** How many of the last answers had which confidence; those within the band stand out. */
function Bars({ values, low, high, within }: BarsProps) {
  const counts = Array.from({ length: BARS }, () => 0);
  for (const value of values) counts[Math.min(Math.floor(value * BARS), BARS - 1)]++;
  const most = Math.max(...counts);
  return (
    <figure class="band">
      <svg
        class="band-bars"
        viewBox={`0 0 ${BARS} 10`}
        preserveAspectRatio="none"
        role="img"
        aria-label={t("band.chart", { n: within })}
      >
        <rect
          class="band-range"
          x={low * BARS}
          y="0"
          width={Math.max((high - low) * BARS, 0.1)}
          height="10"
        />
        {counts.map((count, place) => {
          const height = (10 * count) / most;
          return <rect key={place} x={place + 0.1} y={10 - height} width="0.8" height={height} />;
        })}
      </svg>
      <figcaption aria-hidden="true">
        <span>{formatPercent(0)}</span>
        <span>{formatPercent(1)}</span>
      </figcaption>
    </figure>
  );
}
