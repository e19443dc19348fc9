import { t } from "../../../i18n";
import type { SweepData, SweepFit } from "../../../stages/shapes";
import type { Names } from "../../../stages/sweep/names";

interface FitPictureProps {
  data: SweepData;
  fit: SweepFit;
  names: Names;
}

/** What a fit generated, cut out of the sheet of all fits; nothing where there is none. */
export function FitPicture({ data: { samples, cells }, fit, names }: FitPictureProps) {
  if (!samples) return null;
  const top = cells.indexOf(fit) * samples.height;
  return (
    <svg
      class="fit-picture"
      viewBox={`0 ${top} ${samples.width} ${samples.height}`}
      role="img"
      aria-label={t("sweep.samplesOf", { name: nameOf(fit, names) })}
    >
      <image href={samples.image} width={samples.width} height={samples.height * cells.length} />
    </svg>
  );
}

const nameOf = ({ values, seed }: SweepFit, names: Names): string =>
  [names.setting(values), seed === null ? "" : t("sweep.seedIs", { n: seed })].filter(Boolean).join(", ");

/** The pictures of all fits side by side. */
export function FitPictures({ data, names }: Omit<FitPictureProps, "fit">) {
  return (
    <ul class="fit-pictures">
      {data.cells.map((fit) => (
        <li key={fit.cell}>
          <FitPicture data={data} fit={fit} names={names} />
          <small>
            {nameOf(fit, names)}
            {fit.value !== null && ` · ${names.figure} ${names.written(fit.value)}`}
          </small>
        </li>
      ))}
    </ul>
  );
}
