import { RotateCcw } from "lucide";
import { useId } from "preact/hooks";
import { formatNumber, t } from "../../i18n";
import type { Unopened } from "../../stages/props";
import type { BoxesData } from "../../stages/shapes";
import { Icon } from "../controls/icon";
import type { BoxScene } from "./box-scene";

interface ThresholdsProps {
  data: BoxesData;
  scene: BoxScene;
  unopened?: Unopened;
}

/** The two thresholds that turn candidates into an answer, applied in the browser as they move. */
export function Thresholds({ data, scene, unopened }: ThresholdsProps) {
  const { score, iou } = scene.settings;
  const isMoved = score.value !== null || iou.value !== null;
  const missing = (data.total ?? data.boxes.length) - data.boxes.length;
  return (
    <div class="thresholds">
      <Threshold
        title={t("thresholds.score")}
        hint={t("thresholds.scoreHint")}
        value={scene.score}
        onInput={(value) => {
          score.value = value;
        }}
      />
      <Threshold
        title={t("thresholds.iou")}
        hint={t("thresholds.iouHint")}
        value={scene.iou}
        onInput={(value) => {
          iou.value = value;
        }}
      />
      {unopened && (
        <p class="hint" role="status">
          {t(unopened.isOpening ? "thresholds.opening" : "thresholds.unopened")}
        </p>
      )}
      {missing > 0 && (
        <p class="hint">{t("thresholds.cut", { n: data.boxes.length, total: data.total ?? 0 })}</p>
      )}
      <button
        type="button"
        class="button is-quiet is-small"
        disabled={!isMoved}
        onClick={() => {
          score.value = null;
          iou.value = null;
        }}
      >
        <Icon of={RotateCcw} size={16} />
        {t("thresholds.reset")}
      </button>
    </div>
  );
}

interface ThresholdProps {
  title: string;
  hint: string;
  value: number;
  onInput: (value: number) => void;
}

function Threshold({ title, hint, value, onInput }: ThresholdProps) {
  const id = useId();
  return (
    <div class="field">
      <div class="field-head">
        <label for={id}>{title}</label>
        <output for={id}>{formatNumber(value, { minimumFractionDigits: 2 })}</output>
      </div>
      <input
        id={id}
        type="range"
        min={0}
        max={1}
        step={0.01}
        value={value}
        aria-describedby={`${id}-hint`}
        onInput={(event) => onInput(event.currentTarget.valueAsNumber)}
      />
      <p id={`${id}-hint`} class="hint">
        {hint}
      </p>
    </div>
  );
}
