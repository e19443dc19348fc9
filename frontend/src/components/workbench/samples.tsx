import type { Sample } from "../../api/types";
import { isSample } from "../../form/inputs";
import { label, t } from "../../i18n";
import { isSmall } from "../pictures/source";
import type { Bench } from "./bench";

/** The capability's samples: a click runs one. */
export function Samples({ bench, isLarge }: { bench: Bench; isLarge: boolean }) {
  const samples = bench.capability?.samples ?? [];
  if (samples.length === 0) return null;
  return (
    <ul class={`samples${isLarge ? " is-large" : ""}`} aria-label={t("bench.samples")}>
      {samples.map((sample) => (
        <li key={sample.name}>
          <SampleButton sample={sample} bench={bench} isLarge={isLarge} />
        </li>
      ))}
    </ul>
  );
}

function SampleButton({ sample, bench, isLarge }: { sample: Sample; bench: Bench; isLarge: boolean }) {
  const picture = sample.width === null ? null : sample.url;
  const isTiny = isSmall(sample);
  const title = label(`${bench.capability?.name}.samples.${sample.name}.title`, sample.title);
  return (
    <button
      type="button"
      disabled={bench.isBusy}
      aria-current={isSample(sample, bench.chosen) ? "true" : undefined}
      title={`${title.text}: ${sample.credit}, ${sample.license}`}
      onClick={() => bench.run(sample.inputs)}
    >
      {picture && (
        <img
          class={isTiny ? "is-pixelated" : undefined}
          src={picture}
          alt={isLarge ? "" : title.text}
          loading="lazy"
        />
      )}
      {(isLarge || !picture) && (
        <span lang={title.lang}>
          <strong>{title.text}</strong>
        </span>
      )}
    </button>
  );
}
