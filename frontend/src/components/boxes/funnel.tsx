import { formatNumber, t } from "../../i18n";
import type { BoxesData } from "../../stages/shapes";
import type { BoxScene } from "./box-scene";

/** The number of boxes after each step: all candidates, those above the threshold, and the answer. */
export function Funnel({ data, scene }: { data: BoxesData; scene: BoxScene }) {
  const total = data.total ?? data.boxes.length;
  const { above, kept, suppressed, across } = scene.outcome;
  // the list has only the highest scores: if all of them pass, some that it lacks may pass too
  const isCut = total > data.boxes.length && above === data.boxes.length;
  const steps = [
    { name: "all", count: total, label: t("funnel.candidates", { n: total }) },
    {
      name: "above",
      count: above,
      label: t("funnel.above", { score: formatNumber(scene.score) }),
      more: isCut,
    },
    {
      name: "dropped",
      count: suppressed.length,
      label: across > 0 ? t("funnel.suppressedAcross", { n: across }) : t("funnel.suppressed"),
      more: isCut,
    },
    { name: "kept", count: kept.length, label: t("funnel.kept") },
  ];
  return (
    <ol class="funnel" aria-label={t("funnel.label")}>
      {steps.map(({ name, count, label, more }) => (
        <li key={name} class={`funnel-${name}`}>
          <strong>
            {name === "dropped" && count > 0 ? "−" : ""}
            {formatNumber(count)}
            {more ? "+" : ""}
          </strong>
          <span>{label}</span>
          <i aria-hidden="true" style={{ inlineSize: `${barOf(count, total)}%` }} />
        </li>
      ))}
    </ol>
  );
}

/** On a square-root scale; otherwise 6 of 2,000 would be invisible. */
const barOf = (count: number, total: number): number => (total > 0 ? Math.sqrt(count / total) * 100 : 0);
