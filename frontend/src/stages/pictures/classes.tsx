import { Picture } from "../../components/pictures/picture";
import { formatNumber } from "../../i18n";
import type { StageProps } from "../props";
import type { ClassesData } from "../shapes";
import "../../style/classes.css";

/** The picture, and the probability of each class as a bar. */
export function Classes({ data, picture }: StageProps<ClassesData>) {
  const percent = { style: "percent", maximumFractionDigits: 1 } as const;
  return (
    <div class="stage-main">
      {picture && <Picture source={picture} />}
      <ol class="class-bars">
        {data.classes.map(({ label, score }, index) => (
          <li key={label} class={index === 0 ? "is-first" : ""}>
            <span class="class-name">{label}</span>
            <span class="class-bar" style={{ "--share": `${100 * score}%` }} aria-hidden="true" />
            <span class="class-score">{formatNumber(score, percent)}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}
