import { beforeAll, expect, test, vi } from "vitest";
import type { Capability, Job } from "../../api/types";
import { chooseLanguage } from "../../i18n";
import { settingsOf } from "./job-settings";

beforeAll(() => {
  vi.stubGlobal("document", { documentElement: {} });
});

const CARD = {
  name: "toy",
  predict_params: {
    properties: {
      score: { type: "number", default: 0.5, title: "Score threshold" },
      sizes: { type: "array", items: { type: "number" }, default: [], title: "Sizes" },
      columns: { type: "array", items: { type: "string" }, default: [], title: "Columns" },
    },
  },
} as unknown as Capability;

const texts = (params: Record<string, unknown>, capability: Capability | null = CARD) =>
  settingsOf({ capability: "toy", task: "predict", params } as unknown as Job, capability).map(
    ({ title, text }) => `${title}: ${text}`,
  );

test("a setting that the card lacks is listed by its name, after the others", async () => {
  await chooseLanguage("en");
  expect(texts({ tile: 256, score: 0.4 })).toEqual(["Score threshold: 0.4", "tile: 256"]);
  expect(texts({ score: 0.4 }, null)).toEqual(["score: 0.4"]);
  expect(texts({ mode: "fast", is_fast: true, seedless: null })).toEqual([
    "mode: fast",
    "is_fast: yes",
    "seedless: Automatic",
  ]);
});

test("numbers in lists and by names are written in the reader's language", async () => {
  await chooseLanguage("de");
  expect(texts({ score: 0.25, sizes: [0.5, 1], weights: { oak: 0.5, "red pine": 2 } })).toEqual([
    "Score threshold: 0,25",
    "Sizes: 0,5; 1",
    "weights: oak: 0,5; red pine: 2",
  ]);
  await chooseLanguage("en");
  expect(texts({ sizes: [0.5, 1], columns: ["city, state", "age"] })).toEqual([
    "Sizes: 0.5, 1",
    "Columns: city, state; age",
  ]);
});

test("a seed is written whole", async () => {
  await chooseLanguage("en");
  expect(texts({ seed: 2_023_456_789, rate: 0.123456789 })).toEqual(["seed: 2023456789", "rate: 0.123457"]);
});
