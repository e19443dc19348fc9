/** One field of a form, as a JSON Schema property describes it. */
export interface Field {
  name: string;
  title: string;
  description: string;
  type: "number" | "boolean" | "choice" | "text" | "list" | "column" | "columns" | "types";
  default: Value;
  isInteger: boolean;
  isOfNumbers: boolean; // a list: of numbers, not of texts
  isOptional: boolean; // may be left empty: null
  minimum: number | null;
  maximum: number | null;
  step: number;
  options: Value[];
  titles: Record<string, string>; // of the options, in English
  applies: Record<string, Value[]>; // the values of other fields that it is for; none: always
  empty: "last" | "none" | "automatic"; // what an empty choice of a column stands for
  group: string; // fields of one group stand together after the others; none: ""
}

export type Value = string | number | boolean | null | (string | number)[] | Record<string, string>;
export type Values = Record<string, Value>;

interface Schema {
  $ref?: string;
  $defs?: Record<string, Schema>;
  type?: string | string[];
  title?: string;
  description?: string;
  default?: unknown;
  enum?: unknown[];
  titles?: Record<string, string>;
  const?: unknown;
  format?: string;
  items?: Schema;
  applies?: Record<string, Value[]>;
  group?: string;
  empty?: Field["empty"];
  anyOf?: Schema[];
  allOf?: Schema[];
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  multipleOf?: number;
  properties?: Record<string, Schema>;
  examples?: unknown[];
}

export function fieldsOf(schema: Record<string, unknown>): Field[] {
  const root = schema as Schema;
  return Object.entries(root.properties ?? {}).map(([name, property]) => fieldOf(name, property, root));
}

/** Whether the field has an effect with these values of the other fields. */
export const isMeantBy = (field: Field, values: Values): boolean =>
  Object.entries(field.applies).every(([name, accepted]) => accepted.includes(values[name] ?? null));

export function defaultsOf(schema: Record<string, unknown>): Values {
  return Object.fromEntries(fieldsOf(schema).map((field) => [field.name, field.default]));
}

/** Ready-made values: the schema's examples, each with a title or a number. */
export function presetsOf(schema: Record<string, unknown>): { title: string | null; values: Values }[] {
  const names = new Set(fieldsOf(schema).map((field) => field.name));
  return ((schema as Schema).examples ?? [])
    .filter((example): example is Record<string, Value> => typeof example === "object" && example !== null)
    .map((example) => ({
      title: typeof example.title === "string" && !names.has("title") ? example.title : null,
      values: Object.fromEntries(Object.entries(example).filter(([name]) => names.has(name))),
    }));
}

function fieldOf(name: string, property: Schema, root: Schema): Field {
  const { schema, isOptional } = flattened(property, root);
  const isInteger = schema.type === "integer";
  const type = typeOf(schema);
  const low = schema.minimum ?? schema.exclusiveMinimum ?? null;
  const high = schema.maximum ?? schema.exclusiveMaximum ?? null;
  const step = isInteger ? (schema.multipleOf ?? 1) : (schema.multipleOf ?? stepOf(low, high));
  const usual = plain(property.default ?? schema.default);
  // an excluded end is moved one step in, as sliders know only included ones; never past the usual value
  const inwards = (end: number, by: number) =>
    tidy(typeof usual === "number" && Math.abs(usual - end) < step ? end : end + by);
  return {
    name,
    title: property.title ?? schema.title ?? name,
    description: property.description ?? schema.description ?? "",
    type,
    default: type === "types" ? {} : usual,
    isInteger,
    isOfNumbers: ["integer", "number"].includes(String(followed(schema.items ?? {}, root).type)),
    isOptional,
    minimum: schema.minimum ?? (low === null ? null : inwards(low, step)),
    maximum: schema.maximum ?? (high === null ? null : inwards(high, -step)),
    step,
    options: type === "choice" ? (schema.enum ?? [schema.const]).map(plain) : [],
    titles: schema.titles ?? {},
    applies: property.applies ?? {},
    empty: property.empty ?? "automatic",
    group: property.group ?? "",
  };
}

/** References followed and `X | null` taken apart, as pydantic writes optional fields and enums. */
function flattened(property: Schema, root: Schema): { schema: Schema; isOptional: boolean } {
  const schema = followed(property, root);
  const branches = schema.anyOf;
  if (!branches) return { schema, isOptional: false };
  const real = branches.filter((branch) => branch.type !== "null");
  const inner = followed(real[0] ?? {}, root);
  return { schema: { ...inner, ...schema, type: inner.type }, isOptional: real.length < branches.length };
}

function followed(schema: Schema, root: Schema): Schema {
  const reference = schema.$ref ?? schema.allOf?.[0]?.$ref;
  if (!reference) return schema;
  const target = root.$defs?.[reference.split("/").at(-1) ?? ""];
  return { ...target, ...schema };
}

function typeOf(schema: Schema): Field["type"] {
  if (schema.enum || schema.const !== undefined) return "choice";
  if (schema.format === "column" || schema.format === "columns" || schema.format === "types")
    return schema.format;
  if (schema.type === "array") return "list";
  if (schema.type === "boolean") return "boolean";
  return schema.type === "number" || schema.type === "integer" ? "number" : "text";
}

/** About a hundred steps, each a round number: 0…1 goes by 0.01, 0…40 by 0.5. */
function stepOf(low: number | null, high: number | null): number {
  if (low === null || high === null || high <= low) return 0.001;
  const raw = (high - low) / 100;
  const power = 10 ** Math.floor(Math.log10(raw));
  return tidy(
    [1, 2, 5, 10]
      .map((factor) => factor * power)
      .filter((step) => step <= raw * 1.0001)
      .at(-1) ?? power,
  );
}

const tidy = (value: number): number => Number(value.toPrecision(10));

function plain(value: unknown): Value {
  if (value === undefined || value === null) return null;
  return typeof value === "object" && !Array.isArray(value) ? JSON.stringify(value) : (value as Value);
}

const SLIDER_STEPS = 2000;
const WIDEST = 10_000; // a hundred steps over a wider range skip most useful values

/** Whether the range is bounded and small enough for a slider. */
export function hasSlider(field: Field): boolean {
  const { minimum, maximum, step, default: usual } = field;
  if (minimum === null || maximum === null || field.isOptional) return false;
  // a usual value at the very edge of a wide range, such as a learning rate, is typed more easily
  const isAtEdge = !field.isInteger && typeof usual === "number" && usual > 0 && usual < maximum / 50;
  const isWide = !field.isInteger && maximum - minimum > WIDEST;
  return !isAtEdge && !isWide && (maximum - minimum) / step <= SLIDER_STEPS;
}

/** The options with which a table is read, and the name of the field that holds the types of its columns. */
export function readingOf(
  schema: Record<string, unknown>,
  values: Values,
): { types: string; options: Values } {
  const fields = fieldsOf(schema);
  const types = fields.find((field) => field.type === "types")?.name ?? "";
  const names = new Set(
    fields.filter(({ group, type }) => group || type === "types").map(({ name }) => name),
  );
  const options = Object.entries(changedValues(schema, values)).filter(([name]) => names.has(name));
  return { types, options: types ? Object.fromEntries(options) : {} };
}

/** The types that a field of that kind holds, by the column's name. */
export const typesIn = (value: Value | undefined): Record<string, string> =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};

/** Only what differs from the defaults: what a snippet or a request has to contain. */
export function changedValues(schema: Record<string, unknown>, values: Values): Values {
  const defaults = defaultsOf(schema);
  return Object.fromEntries(
    Object.entries(values).filter(([name, value]) => !isSame(defaults[name] ?? null, value)),
  );
}

export const isSame = (one: Value, other: Value): boolean => JSON.stringify(one) === JSON.stringify(other);

/** "16, 16" as a list. What is not a number stays text: the server reports what is wrong with it. */
export function listOf(text: string, isOfNumbers: boolean): (string | number)[] {
  const items = text
    .split(isOfNumbers ? /[,;\s]+/ : ",")
    .map((item) => item.trim())
    .filter(Boolean);
  return isOfNumbers ? items.map((item) => (Number.isFinite(Number(item)) ? Number(item) : item)) : items;
}

export const writtenList = (value: Value): string => (Array.isArray(value) ? value.join(", ") : "");

/** Params that an address carries; it may have been typed by hand. */
export function valuesIn(text: string | undefined): Values {
  try {
    const found: unknown = JSON.parse(text ?? "{}");
    return typeof found === "object" && found !== null ? (found as Values) : {};
  } catch {
    return {};
  }
}
