import { type Field, fieldsOf, isSame, listOf, type Value, writtenList } from "../../../form/schema";

/** A setting that varies, as it is typed: its values, and the text of those that are numbers or lists. */
export interface Axis {
  param: string;
  text: string;
}

export const MOST_AXES = 3;
export const MOST_FITS = 500; // on the server
const TYPES: Field["type"][] = ["number", "boolean", "choice", "list"];

/** The fields that can vary; the seed has a field of its own. */
export const variableFields = (schema: Record<string, unknown>): Field[] =>
  fieldsOf(schema).filter(({ type, group, name }) => TYPES.includes(type) && !group && name !== "seed");

/** The choices of a field that is no number; null: its values are typed. */
export const choicesOf = ({ type, options }: Field): Value[] | null =>
  type === "boolean" ? [false, true] : type === "choice" ? options : null;

const separatorOf = (field: Field) => (field.type === "list" ? ";" : ",");

/** The texts of the values, without empty ones. */
export const partsOf = (field: Field, text: string): string[] =>
  text
    .split(separatorOf(field))
    .map((part) => part.trim())
    .filter(Boolean);

/** The values of a text. What is no number stays text: `problemOf` names it. */
export function valuesOf(field: Field, text: string): Value[] {
  const parts = partsOf(field, text);
  const choices = choicesOf(field);
  if (choices) return choices.filter((choice) => parts.includes(String(choice)));
  if (field.type === "list") return parts.map((part) => listOf(part, field.isOfNumbers));
  return parts.map((part) => (Number.isFinite(Number(part)) ? Number(part) : part));
}

export type Problem = { kind: "badValue" | "twice"; value: string } | { kind: "noValues" };

/** What is wrong with the values of a field; null: nothing. */
export function problemOf(field: Field, text: string): Problem | null {
  const values = valuesOf(field, text);
  if (values.length === 0) return { kind: "noValues" };
  const needsNumbers = field.type === "number" || (field.type === "list" && field.isOfNumbers);
  const bad = needsNumbers ? values.flat().find((value) => typeof value !== "number") : undefined;
  if (bad !== undefined) return { kind: "badValue", value: String(bad) };
  const twice = values.find((value, index) => values.slice(0, index).some((one) => isSame(one, value)));
  return twice === undefined ? null : { kind: "twice", value: textOf(field, [twice]) };
}

/** Values as a text that `valuesOf` reads. */
export const textOf = (field: Field, values: Value[]): string =>
  values
    .map((value) => (field.type === "list" ? writtenList(value) : String(value)))
    .join(`${separatorOf(field)} `);

/** The text with a choice added or removed, in the order of the field's choices. */
export function toggled(field: Field, text: string, choice: Value): string {
  const chosen = valuesOf(field, text);
  const next = (choicesOf(field) ?? []).filter((one) =>
    isSame(one, choice) ? !chosen.includes(choice) : chosen.includes(one),
  );
  return textOf(field, next);
}

const DIGITS = 3;

/** `count` values from `from` to `to` at equal distances, or with `isLog` at equal ratios; empty: impossible. */
export function rangeValues(from: number, to: number, count: number, isLog: boolean, isInteger: boolean) {
  if (![from, to].every(Number.isFinite) || !(count >= 1) || (isLog && !(from > 0 && to > 0))) return [];
  const values = Array.from({ length: Math.min(count, MOST_FITS) }, (_, index) => {
    const share = count === 1 ? 0 : index / (count - 1);
    return isLog ? from * (to / from) ** share : from + (to - from) * share;
  });
  const rounded = values.map((value) =>
    isInteger ? Math.round(value) : Number(value.toPrecision(isLog ? DIGITS : DIGITS + 1)),
  );
  return [...new Set(rounded)];
}

/** The seeds of a text, and whether all of them are. */
export function seedsOf(text: string): { seeds: number[]; isValid: boolean } {
  const parts = text
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean);
  const seeds = [...new Set(parts.map(Number))];
  return {
    seeds,
    isValid: seeds.length === parts.length && seeds.every((seed) => Number.isInteger(seed) && seed >= 0),
  };
}

/** The values of other fields that these fields need to have an effect, unless they vary too. */
export function neededBy(fields: Field[], values: Record<string, Value>): Record<string, Value> {
  const varied = new Set(fields.map(({ name }) => name));
  const needed = fields.flatMap(({ applies }) =>
    Object.entries(applies).flatMap(([name, accepted]) =>
      varied.has(name) || accepted.includes(values[name] ?? null) ? [] : [[name, accepted.at(-1) ?? null]],
    ),
  );
  return Object.fromEntries(needed);
}
