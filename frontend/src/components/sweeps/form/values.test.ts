import { expect, test } from "vitest";
import { type Field, fieldsOf } from "../../../form/schema";
import { axesIn, newAddress } from "./address";
import {
  neededBy,
  problemOf,
  rangeValues,
  seedsOf,
  textOf,
  toggled,
  valuesOf,
  variableFields,
} from "./values";

const schema = {
  properties: {
    method: { enum: ["automatic", "neural network"], default: "automatic" },
    learning_rate: { type: "number", default: 0.01 },
    layers: {
      type: "array",
      items: { type: "integer" },
      default: [16],
      applies: { method: ["neural network"] },
    },
    balance: { type: "boolean", default: false },
    target: { type: "string", format: "column" },
    delimiter: { enum: [",", ";"], default: ",", group: "reading" },
    seed: { type: "integer", default: 0 },
  },
};
const fields = Object.fromEntries(fieldsOf(schema).map((field) => [field.name, field])) as Record<
  string,
  Field
>;

test("numbers, choices and lists can vary; columns, read options and the seed cannot", () => {
  expect(variableFields(schema).map(({ name }) => name)).toEqual([
    "method",
    "learning_rate",
    "layers",
    "balance",
  ]);
});

test("typed values become params, and what is wrong with them is named", () => {
  expect(valuesOf(fields.learning_rate, "0.1, 1e-3,")).toEqual([0.1, 0.001]);
  expect(valuesOf(fields.layers, "8; 16, 16")).toEqual([[8], [16, 16]]);
  expect(textOf(fields.layers, [[8], [16, 16]])).toBe("8; 16, 16");
  expect(problemOf(fields.learning_rate, "0.1, fast")).toEqual({ kind: "badValue", value: "fast" });
  expect(problemOf(fields.learning_rate, "0.1, 0.10")).toEqual({ kind: "twice", value: "0.1" });
  expect(problemOf(fields.layers, "8; 8")).toEqual({ kind: "twice", value: "8" });
  expect(problemOf(fields.learning_rate, " ,")).toEqual({ kind: "noValues" });
  expect(problemOf(fields.layers, "8; 16, 16")).toBeNull();
});

test("choices are added and removed in their own order", () => {
  expect(toggled(fields.method, "neural network", "automatic")).toBe("automatic, neural network");
  expect(toggled(fields.method, "automatic, neural network", "automatic")).toBe("neural network");
  expect(valuesOf(fields.balance, toggled(fields.balance, "", true))).toEqual([true]);
});

test("ranges have equal distances or equal ratios", () => {
  expect(rangeValues(0, 1, 5, false, false)).toEqual([0, 0.25, 0.5, 0.75, 1]);
  expect(rangeValues(0.001, 1, 4, true, false)).toEqual([0.001, 0.01, 0.1, 1]);
  expect(rangeValues(2, 4, 9, false, true)).toEqual([2, 3, 4]); // integers, each once
  expect(rangeValues(0, 1, 3, true, false)).toEqual([]);
});

test("seeds are whole numbers, each once", () => {
  expect(seedsOf("0, 1, 2")).toEqual({ seeds: [0, 1, 2], isValid: true });
  expect(seedsOf("").isValid).toBe(true);
  for (const text of ["1, 1", "1.5", "-1", "a"]) expect(seedsOf(text).isValid, text).toBe(false);
});

test("a link names the axes", () => {
  expect(axesIn("learning_rate:0.01,0.1;layers:8|16,16")).toEqual([
    { param: "learning_rate", text: "0.01, 0.1" },
    { param: "layers", text: "8; 16, 16" },
  ]);
  expect(axesIn(undefined)).toEqual([]);

  const axes = [
    { param: "learning_rate", values: [0.01, 0.1] },
    { param: "layers", values: [[8], [16, 16]] },
  ];
  const address = newAddress({ capability: "tabular", of: "train", axes, seeds: [0, 1], params: {} });
  const query = new URLSearchParams(address.split("?")[1]);
  expect(query.get("axes")).toBe("learning_rate:0.01,0.1;layers:8|16,16");
  expect(query.get("seeds")).toBe("0,1");
});

test("a setting that applies to another value needs that value, unless it varies too", () => {
  expect(neededBy([fields.layers], { method: "automatic" })).toEqual({ method: "neural network" });
  expect(neededBy([fields.layers], { method: "neural network" })).toEqual({});
  expect(neededBy([fields.layers, fields.method], { method: "automatic" })).toEqual({});
});
