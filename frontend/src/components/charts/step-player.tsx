import { ChevronLeft, ChevronRight, Pause, Play } from "lucide";
import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";
import { t } from "../../i18n";
import { Icon } from "../controls/icon";
import { isMeant, useHotkeys } from "../shell/hotkeys";
import type { View } from "../workbench/view";

const STEP_MS = 900;
const LONGEST_MS = 15_000; // for all steps: many steps play faster

export interface Player {
  at: number;
  last: number;
  isPlaying: boolean;
  play: () => void;
  walk: (by: number) => void;
}

/** The step on show, by default initially the last. Space plays the steps of `place`; the link of the view keeps the step. */
export function usePlayer(
  view: View,
  steps: number,
  place: RefObject<Element | null>,
  hasKeys: boolean,
  initial = steps - 1,
): Player {
  const last = steps - 1;
  const spot = view.spot.value?.[0];
  const at = Math.min(Math.max(Number.isInteger(spot) ? (spot as number) : initial, 0), last);
  const [isPlaying, setPlaying] = useState(false);
  const goTo = (step: number) => {
    view.spot.value = [Math.min(Math.max(step, 0), last)];
  };
  useEffect(() => {
    if (!isPlaying) return;
    const pause = Math.min(STEP_MS, LONGEST_MS / steps);
    const timer = setTimeout(() => (at < last ? goTo(at + 1) : setPlaying(false)), pause);
    return () => clearTimeout(timer);
  }, [isPlaying, at]);
  const play = () => {
    if (!isPlaying && at === last) goTo(0);
    setPlaying(!isPlaying);
  };
  const walk = (by: number) => {
    setPlaying(false);
    goTo(at + by);
  };
  useHotkeys({
    " ": () => {
      if (!hasKeys || last === 0 || !isMeant(place.current, ".player")) return false;
      play();
    },
  });
  return { at, last, isPlaying, play, walk };
}

/** Buttons and a slider for the steps; nothing if there is only one. */
export function StepPlayer({ player }: { player: Player }) {
  const { at, last, isPlaying, play, walk } = player;
  if (last === 0) return null;
  const playTitle = t(isPlaying ? "scatter.pause" : "scatter.play");
  const press = (event: KeyboardEvent) => {
    if (event.target instanceof HTMLInputElement) return; // the slider has these keys of its own
    const steps = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last }[event.key];
    if (steps === undefined) return;
    event.preventDefault();
    walk(steps - at);
  };
  return (
    <div class="with-button" role="group" aria-label={t("scatter.step")} onKeyDown={press}>
      <button
        type="button"
        class="tool"
        aria-disabled={at === 0} // not disabled: that would take the focus away
        aria-label={t("scatter.back")}
        onClick={() => walk(-1)}
      >
        <Icon of={ChevronLeft} />
      </button>
      <button type="button" class="tool" aria-label={playTitle} title={`${playTitle} (␣)`} onClick={play}>
        <Icon of={isPlaying ? Pause : Play} />
      </button>
      <button
        type="button"
        class="tool"
        aria-disabled={at === last}
        aria-label={t("scatter.next")}
        onClick={() => walk(1)}
      >
        <Icon of={ChevronRight} />
      </button>
      <input
        type="range"
        min={0}
        max={last}
        value={at}
        aria-label={t("scatter.step")}
        onInput={(event) => walk(event.currentTarget.valueAsNumber - at)}
      />
    </div>
  );
}
