import type { Capability, Input, Job, MediaKind, Sample } from "../api/types";

/** The uploads for a job: an id for each input's name; an input that has none yet is left out. */
export type Chosen = Readonly<Record<string, string>>;

/** Samples and files can be answered as soon as they are chosen, many at once if need be. */
export const onlyInput = ({ inputs }: Pick<Capability, "inputs">): Input | null =>
  inputs.length === 1 ? inputs[0] : null;

export const firstOf = ({ inputs }: Pick<Capability, "inputs">, kind: MediaKind): Input | null =>
  inputs.find((input) => input.kind === kind) ?? null;

/** Several files become several jobs only where each file is all that a job needs. */
export function isBatchable(capability: Pick<Capability, "inputs">): boolean {
  const input = onlyInput(capability);
  return input?.kind === "image" || input?.kind === "table";
}

export const isComplete = ({ inputs }: Pick<Capability, "inputs">, chosen: Chosen): boolean =>
  inputs.every(({ name, required }) => !required || name in chosen);

/** The uploads in an address: `upload=id` for the only input, `inputs=name:id,name:id` for several. */
export function inputsIn(query: Record<string, string>, { inputs }: Pick<Capability, "inputs">): Chosen {
  const pairs = (query.inputs ?? "").split(",").map((pair) => pair.split(":"));
  if (query.upload && inputs.length === 1) pairs.push([inputs[0].name, query.upload]);
  const names = new Set(inputs.map(({ name }) => name));
  return Object.fromEntries(pairs.filter(([name, id]) => names.has(name) && id));
}

/** The same for an address; nothing chosen is nothing to write. */
export function inputsQuery({ inputs }: Pick<Capability, "inputs">, chosen: Chosen): Record<string, string> {
  const pairs = inputs.flatMap(({ name }) => (name in chosen ? [`${name}:${chosen[name]}`] : []));
  if (pairs.length === 0) return {};
  return inputs.length === 1 ? { upload: chosen[inputs[0].name] } : { inputs: pairs.join(",") };
}

/** A job's uploads that still exist. */
export const inputsOf = ({ inputs }: Pick<Job, "inputs">): Chosen =>
  Object.fromEntries(Object.entries(inputs).filter((pair): pair is [string, string] => pair[1] !== null));

/** What is held by the inputs' names, in the order of the card. */
export const inOrder = <T>(capability: Pick<Capability, "inputs"> | null, byName: Record<string, T>): T[] =>
  capability?.inputs.flatMap(({ name }) => (name in byName ? [byName[name]] : [])) ?? Object.values(byName);

/** Without one of its uploads a job cannot be repeated, nor its stages computed. */
export const hasDeletedInput = ({ inputs }: Pick<Job, "inputs">): boolean =>
  Object.values(inputs).includes(null);

export const isSample = ({ inputs }: Pick<Sample, "inputs">, chosen: Chosen): boolean =>
  Object.keys(inputs).length === Object.keys(chosen).length &&
  Object.entries(inputs).every(([name, id]) => chosen[name] === id);
