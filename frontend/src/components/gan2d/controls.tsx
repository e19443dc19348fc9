import { Pause, Play, RotateCcw, StepForward, Turtle } from "lucide";
import { t } from "../../i18n";
import { Icon } from "../controls/icon";
import type { GanState, Pace } from "./use-gan";

/** One network at a time, both, or a film of both. */
export function Controls({ state }: { state: GanState }) {
  const { pace, setPace, step, reset, simulation } = state;
  const isOff = simulation.isOver;
  const toggle = (to: Pace) => setPace(pace === to ? "paused" : to);
  return (
    <div class="actions" role="group" aria-label={t("gan.controls")}>
      <button
        type="button"
        class="button is-primary"
        disabled={isOff}
        aria-pressed={pace === "fast"}
        onClick={() => toggle("fast")}
      >
        <Icon of={pace === "fast" ? Pause : Play} />
        {t(pace === "fast" ? "gan.pause" : "gan.play")}
      </button>
      <button
        type="button"
        class="button"
        disabled={isOff}
        aria-pressed={pace === "slow"}
        onClick={() => toggle("slow")}
      >
        <Icon of={pace === "slow" ? Pause : Turtle} />
        {t("gan.slow")}
      </button>
      <button type="button" class="button" disabled={isOff} onClick={() => step("both")}>
        <Icon of={StepForward} />
        {t("gan.step")}
      </button>
      <button type="button" class="button" disabled={isOff} onClick={() => step("D")}>
        {t("gan.stepD")}
      </button>
      <button type="button" class="button" disabled={isOff} onClick={() => step("G")}>
        {t("gan.stepG")}
      </button>
      <button type="button" class="button" onClick={reset}>
        <Icon of={RotateCcw} />
        {t("gan.reset")}
      </button>
    </div>
  );
}
