import { expect, test } from "vitest";
import type { Capability } from "../api/types";
import { messages as de } from "../i18n/de/lessons";
import { messages as en } from "../i18n/en/lessons";
import { LESSONS, presetAddress, TOPICS } from "./lessons";

const TEXTS = ["title", "summary", "text", "steps", "question", "answer"];

test("every lesson has its texts in both languages, and every text its lesson", () => {
  const keys = LESSONS.flatMap(({ name }) => TEXTS.map((text) => `lesson.${name}.${text}`)).sort();
  for (const messages of [en, de])
    expect(
      Object.keys(messages)
        .filter((key) => key.startsWith("lesson."))
        .sort(),
    ).toEqual(keys);
});

test("the lessons stand in the order of the course, at least one for each topic", () => {
  const places = LESSONS.map(({ topic }) => TOPICS.indexOf(topic));
  expect(places).toEqual([...places].sort((one, other) => one - other));
  expect(new Set(places).size).toBe(TOPICS.length);
});

const trees = {
  name: "trees",
  inputs: [{ name: "table", kind: "table" }],
  samples: [{ name: "oak", inputs: { table: "u1" }, upload_id: "u1", job_id: "j1" }],
} as unknown as Capability;

test("a preset leads to the sample's answer, to the workbench with its settings, or to a page", () => {
  const items = [trees];
  expect(presetAddress({ of: "trees", sample: "oak", view: { stage: "loss" } }, items)).toBe(
    "/r/j1?stage=loss",
  );
  expect(presetAddress({ of: "trees", sample: "oak" }, items)).toBe("/r/j1");
  expect(presetAddress({ of: "trees", sample: "oak", params: { k: 2 } }, items)).toBe(
    "/t/trees?upload=u1&params=%7B%22k%22%3A2%7D",
  );
  expect(presetAddress({ of: "trees", audits: "oak", params: {} }, items)).toBe(
    "/audits/new?of=model&capability=trees&upload=u1&params=%7B%7D",
  );
  expect(presetAddress({ path: "/gan" }, items)).toBe("/gan");
});

test("without its capability, its sample, or the sample's answer, a lesson has no page", () => {
  expect(presetAddress({ of: "trees", sample: "elm" }, [trees])).toBeNull();
  expect(presetAddress({ of: "shrubs", sample: "oak" }, [trees])).toBeNull();
  expect(presetAddress({ of: "shrubs", path: "/shrubs" }, [trees])).toBeNull();
  expect(presetAddress({ of: "trees", sample: "oak" }, null)).toBeNull();
});
