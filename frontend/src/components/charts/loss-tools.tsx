import { t } from "../../i18n";

interface LossToolsProps {
  /** Of the exponential smoothing: 0 shows the values as they are. */
  weight: number;
  isLog: boolean;
  onWeight: (weight: number) => void;
  onLog: (isLog: boolean) => void;
}

export const MAX_WEIGHT = 0.98;

/** How curves of a loss are drawn: smoothed, and on a logarithmic scale. */
export const LossTools = ({ weight, isLog, onWeight, onLog }: LossToolsProps) => (
  <div class="chart-tools">
    <label class="inline">
      {t("training.smooth")}
      <input
        type="range"
        min={0}
        max={MAX_WEIGHT}
        step={0.02}
        value={weight}
        onInput={(event) => onWeight(event.currentTarget.valueAsNumber)}
      />
    </label>
    <label class="inline">
      <input type="checkbox" checked={isLog} onChange={(event) => onLog(event.currentTarget.checked)} />
      {t("training.log")}
    </label>
  </div>
);
