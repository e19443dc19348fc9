import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { Simulation } from "../../networks/gan2d/simulation";
import { DEFAULTS, type GanSettings, LIVE, queryOf, settingsIn } from "./settings";

const SLOW_MS = 900; // for each phase, long enough to read
const STATUS_MS = 1000;

export type Phase = "D" | "G";
export type Pace = "paused" | "fast" | "slow";

export interface GanState {
  settings: GanSettings;
  change: (settings: Partial<GanSettings>) => void;
  /** Changed in place; `turn` counts its changes. */
  simulation: Simulation;
  turn: number;
  /** The network that learned last. */
  phase: Phase | null;
  pace: Pace;
  setPace: (pace: Pace) => void;
  step: (which: Phase | "both") => void;
  reset: () => void;
}

/** What changes begin the training anew. */
const originOf = (settings: GanSettings): string =>
  JSON.stringify(Object.entries(settings).filter(([name]) => !(LIVE as readonly string[]).includes(name)));

/** A training in this page. The address has its settings. */
export function useGan(): GanState {
  const [settings, setSettings] = useState(() => settingsIn(new URLSearchParams(location.search)));
  const [pace, setPace] = useState<Pace>("paused");
  const [turn, setTurn] = useState(0);
  const [phase, setPhase] = useState<Phase | null>(null);
  const simulation = useRef<Simulation | null>(null);
  const origin = useRef("");
  if (!simulation.current || origin.current !== originOf(settings)) {
    origin.current = originOf(settings);
    simulation.current = new Simulation(settings);
  }
  const current = simulation.current;
  current.settings = settings; // the rates may change on the way

  useEffect(() => {
    history.replaceState(history.state, "", location.pathname + queryOf(settings));
    setPhase(null);
  }, [settings]);
  useEffect(() => {
    const follow = () => setSettings(settingsIn(new URLSearchParams(location.search)));
    addEventListener("popstate", follow);
    return () => removeEventListener("popstate", follow);
  }, []);

  const change = useCallback(
    (changed: Partial<GanSettings>) => setSettings((last) => ({ ...last, ...changed })),
    [],
  );
  const step = (which: Phase | "both") => {
    if (current.isOver) return setPace("paused");
    if (which === "D") current.stepDiscriminator();
    else if (which === "G") current.stepGenerator();
    else current.step();
    setPhase(which === "both" ? null : which);
    setTurn((last) => last + 1);
  };
  const latest = useRef({ step, phase });
  latest.current = { step, phase };
  useEffect(() => {
    if (pace !== "fast") return;
    let frame = requestAnimationFrame(function next() {
      latest.current.step("both");
      frame = requestAnimationFrame(next);
    });
    return () => cancelAnimationFrame(frame);
  }, [pace]);
  useEffect(() => {
    if (pace !== "slow") return;
    const next = () => {
      const { stepsD } = current.settings;
      if (latest.current.phase === "D") return latest.current.step("G");
      for (let count = 0; count < stepsD; count++) latest.current.step("D");
    };
    next();
    const timer = setInterval(next, SLOW_MS);
    return () => clearInterval(timer);
  }, [pace, current]);

  return {
    settings,
    change,
    simulation: current,
    turn,
    phase,
    pace,
    setPace,
    step: (which) => {
      setPace("paused");
      step(which);
    },
    reset: () => {
      setPace("paused");
      simulation.current = new Simulation(settings);
      setPhase(null);
      setTurn((last) => last + 1);
    },
  };
}

/** A preset is chosen when all settings but the seed are its own. */
export const isPreset = (settings: GanSettings, preset: Partial<GanSettings>): boolean =>
  queryOf({ ...settings, seed: DEFAULTS.seed }) === queryOf({ ...DEFAULTS, ...preset });

/** The value, but at most once a second: for charts and for screen readers. */
export function useSeldom<T>(value: T, isEager: boolean): T {
  const [shown, show] = useState(value);
  const latest = useRef(value);
  latest.current = value;
  useEffect(() => {
    if (isEager) show(value);
  }, [value, isEager]);
  useEffect(() => {
    if (isEager) return;
    const timer = setInterval(() => show(latest.current), STATUS_MS);
    return () => clearInterval(timer);
  }, [isEager]);
  return shown;
}
