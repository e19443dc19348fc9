import { expect, test } from "vitest";
import {
  changedValues,
  defaultsOf,
  fieldsOf,
  hasSlider,
  isMeantBy,
  listOf,
  presetsOf,
  readingOf,
  typesIn,
} from "./schema";
import { choiceText } from "./texts";

const schema = {
  type: "object",
  properties: {
    score: {
      title: "Score threshold",
      type: "number",
      minimum: 0,
      maximum: 1,
      default: 0.25,
      description: "Weak boxes go.",
    },
    most: { type: "integer", minimum: 1, maximum: 300, default: 100 },
    side: { type: "integer", minimum: 64, maximum: 640, multipleOf: 32, default: 160 },
    rate: { type: "number", exclusiveMinimum: 0, maximum: 0.1, default: 0.001 },
    all: { type: "boolean", default: false },
    start: {
      enum: ["shipped", "scratch"],
      titles: { shipped: "Shipped model", scratch: "Random weights" },
      type: "string",
      default: "shipped",
    },
    metric: { $ref: "#/$defs/Metric", default: "cosine" },
    seed: { anyOf: [{ type: "integer", minimum: 0 }, { type: "null" }], default: null, title: "Seed" },
    note: { type: "string", default: "", applies: { start: ["scratch"] } },
  },
  $defs: { Metric: { enum: ["euclidean", "cosine"], type: "string", title: "Metric" } },
  examples: [{ title: "Quick", most: 10, unknown: 3 }, { most: 20 }],
};
const field = (name: string) => fieldsOf(schema).find((one) => one.name === name);

test("a field that is for some values of another is left out beside the others", () => {
  const shown = (start: string) =>
    fieldsOf(schema)
      .filter((one) => isMeantBy(one, { ...defaultsOf(schema), start }))
      .map(({ name }) => name);

  expect(shown("shipped")).not.toContain("note");
  expect(shown("scratch")).toContain("note");
  expect(shown("shipped")).toContain("seed");
});

test("the form's kinds of field follow from the types", () => {
  expect(fieldsOf(schema).map(({ name, type }) => [name, type])).toEqual([
    ["score", "number"],
    ["most", "number"],
    ["side", "number"],
    ["rate", "number"],
    ["all", "boolean"],
    ["start", "choice"],
    ["metric", "choice"],
    ["seed", "number"],
    ["note", "text"],
  ]);
});

test("titles and descriptions are the schema's, a name stands in for a missing title", () => {
  expect(field("score")).toMatchObject({ title: "Score threshold", description: "Weak boxes go." });
  expect(field("most")?.title).toBe("most");
  expect(field("metric")?.title).toBe("Metric");
});

test("a range with both ends is a slider, with steps a hand can hit", () => {
  expect(field("score")).toMatchObject({ minimum: 0, maximum: 1, step: 0.01 });
  expect(field("side")).toMatchObject({ step: 32 });
  expect(["score", "most", "side"].map((name) => hasSlider(field(name) as never))).toEqual([
    true,
    true,
    true,
  ]);
});

test("a rate near the end of its range and an optional seed are typed", () => {
  expect(hasSlider(field("rate") as never)).toBe(false);
  expect(hasSlider(field("seed") as never)).toBe(false);
  expect(field("seed")).toMatchObject({ isOptional: true, isInteger: true, default: null });
});

test("a range too wide for a hand is typed", () => {
  const wide = { properties: { gamma: { type: "number", minimum: 0, maximum: 1e6, default: 0 } } };
  expect(hasSlider(fieldsOf(wide)[0])).toBe(false);
});

test("an excluded end is moved one step in", () => {
  expect(field("rate")?.minimum).toBeGreaterThan(0);
  const wide = { properties: { C: { type: "number", exclusiveMinimum: 0, maximum: 1e9, default: 1 } } };
  expect(fieldsOf(wide)[0].minimum).toBe(0); // not past the usual value: the form could never be sent
});

test("references to enums are followed", () => {
  expect(field("metric")?.options).toEqual(["euclidean", "cosine"]);
});

test("a choice has its title, or else its own name", () => {
  const [start, metric] = [field("start"), field("metric")];
  expect(start && choiceText("tiny.predict", start, "scratch")).toBe("Random weights");
  expect(metric && choiceText("tiny.predict", metric, "cosine")).toBe("cosine");
});

test("defaults, and what differs from them", () => {
  const defaults = defaultsOf(schema);
  expect(defaults).toMatchObject({ score: 0.25, all: false, seed: null, metric: "cosine" });
  expect(changedValues(schema, { ...defaults, score: 0.4, seed: 7 })).toEqual({ score: 0.4, seed: 7 });
});

test("examples are presets; what is no field is left out", () => {
  expect(presetsOf(schema)).toEqual([
    { title: "Quick", values: { most: 10 } },
    { title: null, values: { most: 20 } },
  ]);
});

test("a schema without properties is an empty form", () => {
  expect(fieldsOf({ type: "object" })).toEqual([]);
});

test("columns are known by their format, lists by their items", () => {
  const table = {
    properties: {
      target: { type: "string", format: "column", default: "" },
      features: { type: "array", items: { type: "string" }, format: "columns", default: [] },
      layers: { type: "array", items: { type: "integer", minimum: 1 }, default: [16, 16] },
      words: { type: "array", items: { type: "string" }, default: [] },
    },
  };
  expect(fieldsOf(table).map(({ type, isOfNumbers }) => [type, isOfNumbers])).toEqual([
    ["column", false],
    ["columns", false],
    ["list", true],
    ["list", false],
  ]);
  const defaults = defaultsOf(table);
  expect(defaults.layers).toEqual([16, 16]);
  expect(changedValues(table, { ...defaults, layers: [16, 16], features: ["a, b"] })).toEqual({
    features: ["a, b"],
  });
});

test("a list is typed with commas; what is no number is left for the server to refuse", () => {
  expect(listOf("16, 16,", true)).toEqual([16, 16]);
  expect(listOf("8;x 4", true)).toEqual([8, "x", 4]);
  expect(listOf("red, dark blue", false)).toEqual(["red", "dark blue"]);
  expect(listOf(" ", true)).toEqual([]);
});

test("read options are the fields of a group and the types that differ from their defaults", () => {
  const reading = {
    type: "object",
    properties: {
      types: { type: "object", format: "types", default: {} },
      delimiter: { enum: ["guess", "tab"], type: "string", default: "guess", group: "How the file is read" },
      header: { enum: ["guess", "none"], type: "string", default: "guess", group: "How the file is read" },
      clusters: { type: "integer", default: 3 },
    },
  };
  const values = { types: { code: "category" }, delimiter: "tab", header: "guess", clusters: 5 };

  expect(defaultsOf(reading).types).toEqual({});
  expect(readingOf(reading, values)).toEqual({
    types: "types",
    options: { types: { code: "category" }, delimiter: "tab" },
  });
  expect(readingOf(schema, { score: 1 })).toEqual({ types: "", options: {} });
  expect(typesIn(values.types)).toEqual({ code: "category" });
  expect(typesIn(["code"])).toEqual({});
});
