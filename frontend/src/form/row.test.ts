import { expect, test } from "vitest";
import type { ModelColumn } from "../api/types";
import { isOutside, rowFile, usualRow } from "./row";

const column = (values: Partial<ModelColumn>): ModelColumn => ({
  name: "x",
  type: "number",
  usual: 1.23456789,
  smallest: 0,
  largest: 8,
  categories: null,
  ...values,
});
const CITY = column({ name: "city, state", type: "category", usual: "Köln", categories: ["Bonn", "Köln"] });
const DAY = column({
  name: "day",
  type: "date",
  usual: "2024-02-01",
  smallest: "2024-01-01",
  largest: "2024-03-01",
});

test("a form begins with the usual values", () => {
  expect(usualRow([column({}), CITY])).toEqual({ x: "1.23457", "city, state": "Köln" });
});

test("a row is written as a table that reads the same anywhere", async () => {
  const row = { x: "2.5", "city, state": 'the "old" one', day: "2024-02-29" };
  expect(await rowFile([column({}), CITY, DAY], row).text()).toBe(
    'x,"city, state",day\n2.5,"the ""old"" one",2024-02-29\n',
  );
  expect(await rowFile([column({}), CITY], { x: "", "city, state": "Bonn" }).text()).toBe(
    'x,"city, state"\n,Bonn\n',
  );
  expect(await rowFile([column({})], { x: "" }).text()).toBe('x\n""\n');
  expect(await rowFile([column({})], { x: "-3" }).text()).toBe("x\n-3\n");
});

test("values beyond the training rows are outside, missing ones are not", () => {
  expect(isOutside(column({}), "8.5")).toBe(true);
  expect(isOutside(column({}), "8")).toBe(false);
  expect(isOutside(column({}), "")).toBe(false);
  expect(isOutside(DAY, "2024-03-02")).toBe(true);
  expect(isOutside(DAY, "2024-03-01")).toBe(false);
  expect(isOutside(CITY, "Paris")).toBe(false);
});
