import { type Point, REACH, SHAPES } from "../../networks/gan2d/shapes";

const RATES = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1] as const;

/** Every setting with its choices, under the name that it has in an address. */
export const OPTIONS = {
  shape: SHAPES,
  noise: [0, 0.02, 0.05, 0.1, 0.2],
  rateD: RATES,
  rateG: RATES,
  stepsD: [1, 2, 3, 5, 10],
  batch: [16, 32, 64, 128, 256],
  hidden: [16, 24, 32],
  activation: ["relu", "tanh"],
  loss: ["logistic", "hinge", "squares"],
  optimizer: ["adam", "sgd"],
} as const;

export type Choice = keyof typeof OPTIONS;
export type GanSettings = { [Name in Choice]: (typeof OPTIONS)[Name][number] } & {
  seed: number;
  drawn: Point[];
};

export const DEFAULTS: GanSettings = {
  shape: "ring",
  noise: 0.05,
  rateD: 0.01,
  rateG: 0.003,
  stepsD: 1,
  batch: 64,
  hidden: 32,
  activation: "relu",
  loss: "logistic",
  optimizer: "adam",
  seed: 1,
  drawn: [],
};

/** Ways in which a training of a GAN ends. */
export const PRESETS: Record<string, Partial<GanSettings>> = {
  learns: {},
  collapses: { shape: "gaussians", rateD: 0.003, rateG: 0.03 },
  diverges: { rateD: 0.1, rateG: 1 },
};

/** Those that may change while the networks learn; with any other, they begin anew. */
export const LIVE: readonly Choice[] = ["rateD", "rateG", "stepsD", "batch"];

const MOST_SEED = 2 ** 31 - 1;
const MOST_DRAWN = 200;
const PLACES = 36 ** 2 - 1; // two signs for each coordinate

const coded = (value: number): string =>
  Math.round(((value + REACH) / (2 * REACH)) * PLACES)
    .toString(36)
    .padStart(2, "0");
const decoded = (text: string): number => (Number.parseInt(text, 36) / PLACES) * 2 * REACH - REACH;

/** Drawn points in an address, four signs each. */
export const codedPoints = (points: Point[]): string => points.slice(-MOST_DRAWN).flat().map(coded).join("");

const decodedPoints = (text: string): Point[] =>
  (/^[0-9a-z]*$/.test(text) ? (text.match(/.{4}/g) ?? []) : [])
    .slice(0, MOST_DRAWN)
    .map((four): Point => [decoded(four.slice(0, 2)), decoded(four.slice(2))]);

/** The settings of an address, which may have been typed by hand: unknown values are left out. */
export function settingsIn(query: URLSearchParams): GanSettings {
  const chosen = Object.entries(OPTIONS).flatMap(([name, options]) => {
    const found = (options as readonly (string | number)[]).find((one) => String(one) === query.get(name));
    return found === undefined ? [] : [[name, found]];
  });
  const seed = Number(query.get("seed") ?? DEFAULTS.seed);
  return {
    ...DEFAULTS,
    ...Object.fromEntries(chosen),
    seed: Number.isInteger(seed) && seed >= 0 && seed <= MOST_SEED ? seed : DEFAULTS.seed,
    drawn: decodedPoints(query.get("drawn") ?? ""),
  };
}

/** The same as a query: what differs from the defaults. */
export function queryOf(settings: GanSettings): string {
  const query = new URLSearchParams();
  for (const name of [...Object.keys(OPTIONS), "seed"] as (Choice | "seed")[])
    if (settings[name] !== DEFAULTS[name]) query.set(name, String(settings[name]));
  if (settings.drawn.length > 0) query.set("drawn", codedPoints(settings.drawn));
  return query.size > 0 ? `?${query}` : "";
}
