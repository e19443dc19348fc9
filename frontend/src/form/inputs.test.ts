import { expect, test } from "vitest";
import type { Input } from "../api/types";
import {
  hasDeletedInput,
  inOrder,
  inputsIn,
  inputsOf,
  inputsQuery,
  isBatchable,
  isComplete,
  isSample,
  onlyInput,
} from "./inputs";

const input = (name: string, more: Partial<Input> = {}): Input => ({
  name,
  kind: "image",
  required: true,
  title: name,
  sketch: null,
  ...more,
});
const none = { inputs: [] };
const one = { inputs: [input("image")] };
const pair = { inputs: [input("left"), input("right"), input("mask", { required: false })] };

test("an address holds the only upload as upload=, several as pairs of name and id", () => {
  expect(inputsQuery(one, { image: "a-1" })).toEqual({ upload: "a-1" });
  expect(inputsQuery(pair, { right: "b-2", left: "a-1" })).toEqual({ inputs: "left:a-1,right:b-2" });
  expect(inputsQuery(pair, {})).toEqual({});
  expect(inputsQuery(none, {})).toEqual({});
});

test("a draft survives its address", () => {
  for (const [capability, chosen] of [
    [one, { image: "a-1" }],
    [pair, { left: "a-1" }],
    [pair, { left: "a-1", right: "b-2", mask: "c-3" }],
    [none, {}],
  ] as const)
    expect(inputsIn(inputsQuery(capability, chosen), capability)).toEqual(chosen);
});

test("an address typed by hand adds no input that the capability lacks", () => {
  expect(inputsIn({ inputs: "left:a-1,other:b-2,right:,nonsense" }, pair)).toEqual({ left: "a-1" });
  expect(inputsIn({ upload: "a-1" }, pair)).toEqual({});
  expect(inputsIn({ upload: "a-1" }, none)).toEqual({});
});

test("a job can start once every required input is chosen", () => {
  expect(isComplete(pair, { left: "a-1" })).toBe(false);
  expect(isComplete(pair, { left: "a-1", right: "b-2" })).toBe(true);
  expect(isComplete(pair, { left: "a-1", mask: "c-3" })).toBe(false);
  expect(isComplete(one, {})).toBe(false);
  expect(isComplete(none, {})).toBe(true);
});

test("only one picture or one table makes a batch", () => {
  expect(isBatchable(one)).toBe(true);
  expect(isBatchable({ inputs: [input("table", { kind: "table" })] })).toBe(true);
  expect(isBatchable({ inputs: [input("photos", { kind: "archive" })] })).toBe(false);
  expect(isBatchable(pair)).toBe(false);
  expect(isBatchable(none)).toBe(false);
  expect(onlyInput(pair)).toBeNull();
});

test("a deleted upload is missing from what a job is repeated with", () => {
  const job = { inputs: { left: "a-1", right: null } };
  expect(inputsOf(job)).toEqual({ left: "a-1" });
  expect(hasDeletedInput(job)).toBe(true);
  expect(hasDeletedInput({ inputs: {} })).toBe(false);
});

test("values by the inputs' names are put in the card's order", () => {
  expect(inOrder(pair, { right: 2, left: 1 })).toEqual([1, 2]);
  expect(inOrder(null, { right: 2, left: 1 })).toEqual([2, 1]);
});

test("a sample is the current one when all of its inputs are", () => {
  const sample = { inputs: { left: "a-1", right: "b-2" } };
  expect(isSample(sample, { right: "b-2", left: "a-1" })).toBe(true);
  expect(isSample(sample, { left: "a-1" })).toBe(false);
  expect(isSample({ inputs: {} }, {})).toBe(true);
});
