import { formatDuration, message, t } from "../../../i18n";
import type { SweepData, SweepFit } from "../../../stages/shapes";
import type { Setting } from "../../../stages/sweep/analysis";
import type { Names } from "../../../stages/sweep/names";
import { StatusBadge } from "../../jobs/status-badge";
import { FitPicture } from "./fit-pictures";

interface SettingPanelProps {
  data: SweepData;
  setting: Setting;
  names: Names;
}

/** The fits of the chosen setting, each with the way to its own page. */
export function SettingPanel({ data, setting, names }: SettingPanelProps) {
  return (
    <section class="sweep-setting" aria-label={names.setting(setting.values)}>
      <h4>{names.setting(setting.values)}</h4>
      <ul class="plain-list">
        {setting.fits.map((fit) => (
          <li key={fit.cell}>
            <span>
              <FitLink fit={fit} of={data.of} /> <StatusBadge status={fit.status} />
            </span>
            <FitPicture data={data} fit={fit} names={names} />
            <span class="hint">{factsOf(fit, data, names)}</span>
            <FitMessage fit={fit} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function factsOf(fit: SweepFit, data: SweepData, names: Names): string {
  const parts = [];
  const isValidation = data.part === "validation";
  const values = { figure: names.figure, value: names.written(fit.value) };
  if (fit.value !== null) parts.push(t(isValidation ? "sweep.onValidation" : "sweep.figureIs", values));
  if (isValidation && fit.test !== null) parts.push(t("sweep.onTest", { value: names.written(fit.test) }));
  if (fit.seconds !== null) parts.push(formatDuration(fit.seconds));
  return parts.join(", ");
}

/** Why a fit failed or was canceled. */
export function FitMessage({ fit }: { fit: SweepFit }) {
  if (!fit.message) return null;
  const { text, lang } = message(fit.message_parts, fit.message);
  return (
    <span class={fit.status === "failed" ? "error" : "hint"} lang={lang}>
      {text}
    </span>
  );
}

/** The fit's name, and its page where it has one. */
export function FitLink({ fit, of }: { fit: SweepFit; of: SweepData["of"] }) {
  const name = fit.seed === null ? t("sweep.fit", { n: fit.cell + 1 }) : t("sweep.seedIs", { n: fit.seed });
  if (!fit.job_id) return <>{name}</>;
  return <a href={of === "train" ? `/train/${fit.job_id}` : `/r/${fit.job_id}`}>{name}</a>;
}
