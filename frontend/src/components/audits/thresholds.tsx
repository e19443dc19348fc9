import { useState } from "preact/hooks";
import { formatNumber, formatPercent, t } from "../../i18n";
import { decidedRightly } from "../../stages/groups/measures";
import type { GroupsData } from "../../stages/shapes";
import { Choice } from "../controls/choice";
import { Slider } from "../controls/slider";

interface ThresholdsProps {
  data: GroupsData;
  steps: number[] | null;
  onMove: (steps: number[] | null) => void;
}

/** One threshold for all groups, or one for each; what it costs is the number of wrong decisions. */
export function Thresholds({ data, steps, onMove }: ThresholdsProps) {
  const [isEach, setEach] = useState(false);
  const { thresholds, groups } = data;
  if (!thresholds) return null;
  const ofJob = groups.map(() => Math.round(thresholds.value * thresholds.steps));
  const now = steps ?? ofJob;
  const text = (step: number) => formatNumber(step / thresholds.steps, { minimumFractionDigits: 2 });
  const moved = decidedRightly(thresholds, now);
  const before = decidedRightly(thresholds, ofJob);
  const choose = (each: boolean) => {
    setEach(each);
    if (!each) onMove(now.map(() => now[0]));
  };
  return (
    <div class="thresholds" role="group" aria-label={t("groups.thresholds")}>
      <Choice
        legend={t("groups.thresholdsFor")}
        options={[{ name: t("groups.forAll") }, { name: t("groups.forEach") }]}
        chosen={isEach ? 1 : 0}
        onChoose={(index) => choose(index === 1)}
      />
      {isEach ? (
        groups.map(({ name }, index) => (
          <Slider
            key={name}
            title={name}
            value={now[index]}
            max={thresholds.steps}
            valueText={text(now[index])}
            onInput={(step) => onMove(now.map((own, group) => (group === index ? step : own)))}
          />
        ))
      ) : (
        <Slider
          title={t("groups.threshold")}
          value={now[0]}
          max={thresholds.steps}
          valueText={text(now[0])}
          onInput={(step) => onMove(now.map(() => step))}
        />
      )}
      <p role="status">
        {t("groups.right", {
          right: moved.right,
          rows: moved.rows,
          share: formatPercent(moved.right / Math.max(1, moved.rows)),
          before: before.right,
        })}
      </p>
      {steps && (
        <button type="button" class="button is-quiet is-small" onClick={() => onMove(null)}>
          {t("groups.reset")}
        </button>
      )}
    </div>
  );
}
