import { formatNumber, t } from "../../i18n";
import type { BoxesData } from "../../stages/shapes";
import type { BoxScene } from "./box-scene";

/** How many boxes each step leaves: all candidates, those above the score, those that are the answer. */
export function Funnel({ data, scene }: { data: BoxesData; scene: BoxScene }) {
  const total = data.total ?? data.boxes.length;
  const { above, kept, suppressed } = scene.outcome;
  // the list holds the strongest only: when all of them pass, weaker ones that it lacks may pass too
  const isCut = total > data.boxes.length && above === data.boxes.length;
  const steps = [
    { name: "all", count: total, words: t("funnel.candidates", { n: total }) },
    {
      name: "above",
      count: above,
      words: t("funnel.above", { score: formatNumber(scene.score) }),
      more: isCut,
    },
    { name: "dropped", count: suppressed.length, words: t("funnel.suppressed"), more: isCut },
    { name: "kept", count: kept.length, words: t("funnel.kept") },
  ];
  return (
    <ol class="funnel" aria-label={t("funnel.label")}>
      {steps.map(({ name, count, words, more }) => (
        <li key={name} class={`funnel-${name}`}>
          <strong>
            {name === "dropped" && count > 0 ? "−" : ""}
            {formatNumber(count)}
            {more ? "+" : ""}
          </strong>
          <span>{words}</span>
          <i aria-hidden="true" style={{ inlineSize: `${barOf(count, total)}%` }} />
        </li>
      ))}
    </ol>
  );
}

/** On a root scale: 6 of 2,000 would not be seen otherwise. */
const barOf = (count: number, total: number): number => (total > 0 ? Math.sqrt(count / total) * 100 : 0);
