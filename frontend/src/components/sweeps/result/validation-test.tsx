import { useMemo, useRef } from "preact/hooks";
import { t } from "../../../i18n";
import type { SweepData } from "../../../stages/shapes";
import { curseOf, measuredFits } from "../../../stages/sweep/analysis";
import type { Names } from "../../../stages/sweep/names";
import { scaleOf } from "../../../stages/sweep/scale";
import { frameOf, Mark, rangeOf, useSize } from "../../charts/plot";
import { PlotReader } from "../../charts/plot-reader";
import { SavePicture } from "../../pictures/save-picture";

/** The test figure of every fit against its validation figure, with the line on which the two are equal. */
export function ValidationTest({ data, names }: { data: SweepData; names: Names }) {
  const place = useRef<HTMLDivElement>(null);
  const size = useSize(place);
  const fits = measuredFits(data.cells);
  const best = curseOf(data)?.best ?? null;
  const {
    best: high,
    worst: low,
    isCut,
  } = scaleOf(
    fits.flatMap(({ validation, test }) => [validation, test]),
    data.greater_is_better,
  );
  const range = rangeOf([low, high]);
  const within = (figure: number) => Math.min(Math.max(figure, range[0]), range[1]);
  const frame = useMemo(() => frameOf(range, range, size), [range[0], range[1], size.width]);
  const spots = useMemo(
    () => fits.map(({ validation, test }) => frame.place([within(validation), within(test)])),
    [frame, data],
  );
  const textOf = (index: number) => {
    const { values, seed, validation, test } = fits[index];
    return [
      names.setting(values),
      ...(seed === null ? [] : [t("sweep.seedIs", { n: seed })]),
      t("sweep.onValidation", { figure: names.figure, value: names.written(validation) }),
      t("sweep.onTest", { value: names.written(test) }),
    ].join(", ");
  };
  const diagonal = [range[0], range[1]].map((end) => frame.place([end, end]).join(" "));
  return (
    <div ref={place} class="sweep-part sweep-scatter">
      <PlotReader
        frame={frame}
        xLabel={t("sweep.validationFigure", { figure: names.figure })}
        yLabel={t("sweep.testFigure", { figure: names.figure })}
        label={t("sweep.scatter")}
        spots={spots}
        textOf={textOf}
        rest={best ? `${t("sweep.bestFit")} ${textOf(fits.indexOf(best))}` : undefined}
      >
        <path class="plot-mark" d={`M${diagonal.join("L")}`} />
        {spots.map((spot, index) => (
          <Mark key={fits[index].cell} at={spot} group={0} />
        ))}
        {best && <circle class="plot-chosen" r="9" {...centerOf(spots[fits.indexOf(best)])} />}
      </PlotReader>
      <ul class="legend">
        <li>
          <svg viewBox="0 0 24 14" width="24" height="14" aria-hidden="true">
            <path class="plot-mark" d="M0 13L24 1" />
          </svg>
          {t("sweep.diagonal")}
        </li>
        <li>
          <svg viewBox="-10 -10 20 20" width="18" height="18" aria-hidden="true">
            <circle class="plot-chosen" r="8" />
          </svg>
          {t("sweep.bestFit")}
        </li>
      </ul>
      {isCut && <p class="hint">{t("sweep.cut")}</p>}
      <div class="actions">
        <SavePicture of={place} name={t("sweep.scatter")} />
      </div>
    </div>
  );
}

const centerOf = ([cx, cy]: [number, number]) => ({ cx, cy });
