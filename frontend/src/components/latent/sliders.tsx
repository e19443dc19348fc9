import { useId, useState } from "preact/hooks";
import { formatNumber, t } from "../../i18n";
import type { Dimension } from "../../stages/shapes";
import { FIRST_DIMENSIONS, INACTIVE_NATS, ranked, replaced } from "./latent-space";

interface SlidersProps {
  dimensions: Dimension[];
  z: number[];
  onChange: (z: number[]) => void;
}

/** z as bars that can be moved; of many dimensions the less important ones are folded away. */
export function Sliders({ dimensions, z, onChange }: SlidersProps) {
  const order = ranked(dimensions);
  const bars = (places: number[]) => (
    <div class="latent-bars">
      {places.map((index) => (
        <Bar
          key={index}
          dimension={dimensions[index]}
          value={z[index]}
          onInput={(value) => onChange(replaced(z, index, value))}
        />
      ))}
    </div>
  );
  const others = order.slice(FIRST_DIMENSIONS);
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      {bars(order.slice(0, FIRST_DIMENSIONS))}
      {others.length > 0 && (
        <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
          <summary>{t("latent.others", { n: others.length })}</summary>
          {isOpen && bars(others)}
        </details>
      )}
    </>
  );
}

/** 0.1 as "0.10"; what rounds to zero has no sign. */
const twoDigits = (value: number): string =>
  formatNumber(Math.round(value * 100) / 100 + 0, { minimumFractionDigits: 2 });

interface BarProps {
  dimension: Dimension;
  value: number;
  onInput: (value: number) => void;
}

function Bar({ dimension, value, onInput }: BarProps) {
  const id = useId();
  const { name, low, high, mean, deviation, kl } = dimension;
  const isInactive = kl !== undefined && kl < INACTIVE_NATS;
  const share = (at: number) => `${(Math.min(Math.max((at - low) / (high - low), 0), 1) * 100).toFixed(1)}%`;
  const hasBand = mean !== undefined && deviation !== undefined;
  return (
    <>
      <label for={id}>
        {name}
        {isInactive && <small> {t("latent.inactive")}</small>}
      </label>
      <span class="latent-bar">
        {hasBand && (
          <i
            style={{ "--from": share(mean - deviation), "--to": share(mean + deviation) }}
            aria-hidden="true"
          />
        )}
        <input
          id={id}
          type="range"
          min={low}
          max={high}
          step={(high - low) / 200}
          value={value}
          aria-valuetext={twoDigits(value)}
          onInput={(event) => onInput(event.currentTarget.valueAsNumber)}
        />
      </span>
      <output for={id}>{twoDigits(value)}</output>
    </>
  );
}
