import { expect, test, vi } from "vitest";
import type { Capability, Job, Model } from "../../api/types";
import { chooseLanguage } from "../../i18n";
import { compareAddress, comparedIn } from "../runs/selection";
import { overlaid } from "./curves";
import { haveSameInputs, type Item, titleOf } from "./items";
import { directionOf, distinguished, figureRows, settingRows } from "./rows";
import { shared } from "./stages";

const run = (letter: string, job: Partial<Job>): Item => ({
  key: letter,
  letter,
  kind: "run",
  model: null,
  job: {
    id: letter,
    capability: "toy",
    task: "train",
    name: letter,
    params: {},
    inputs: {},
    metrics: {},
    result: null,
    ...job,
  } as Job,
});

test("an address names up to six things, and repeated ones once", () => {
  const keys = ["1", "2", "model:flowers@3"];
  const address = compareAddress(keys);

  expect(address).toBe("/compare?a=1&b=2&c=model:flowers@3");
  expect(comparedIn(Object.fromEntries(new URLSearchParams(address.split("?")[1])))).toEqual(keys);
  expect(comparedIn({ a: "1", c: "1", g: "9" })).toEqual(["1"]);
  expect(
    comparedIn(Object.fromEntries(new URL(compareAddress([..."123456789"]), "http://x").searchParams)),
  ).toEqual([..."123456"]);
});

test("settings that differ come first, and a setting that one lacks differs", () => {
  const capability = { name: "toy", title: "Toy", train_params: {} } as unknown as Capability;
  const rows = settingRows(
    [run("A", { params: { epochs: 3, seed: 1 } }), run("B", { params: { epochs: 3, seed: 2, fold: 5 } })],
    [capability],
  );

  const params = rows.filter(({ name }) => !name.startsWith("="));
  expect(params.map(({ name, texts, isSame }) => [name, texts, isSame])).toEqual([
    ["seed", ["1", "2"], false],
    ["fold", [null, "5"], false],
    ["epochs", ["3", "3"], true],
  ]);
});

test("the best of a figure is marked in its direction, and not as clear where intervals overlap", () => {
  const intervals = (low: number, high: number) => ({ intervals: { metrics: { accuracy: [low, high] } } });
  const rows = figureRows([
    run("A", { metrics: { accuracy: 0.8, loss: 0.5, rows: 9 }, result: intervals(0.7, 0.9) }),
    run("B", { metrics: { accuracy: 0.85, loss: 0.4, rows: 7 }, result: intervals(0.75, 0.95) }),
    run("C", { metrics: { accuracy: 0.5, loss: 0.4, rows: 8 }, result: intervals(0.4, 0.6) }),
  ]);
  const of = (name: string) => rows.find((row) => row.name === name);

  expect([of("accuracy")?.best, of("accuracy")?.isClear]).toEqual([[1], false]);
  expect([of("loss")?.best, of("loss")?.direction]).toEqual([[1, 2], "lower"]);
  expect([of("rows")?.best, of("rows")?.direction]).toEqual([[], null]);
  expect(
    ["val_map50", "test_loss", "psnr_y", "pictures", "negative_elbo", "iou_flower"].map(directionOf),
  ).toEqual(["higher", "lower", "higher", null, "lower", "higher"]);
});

test("a metric has one chart with a line for each run that reports it", () => {
  const charts = overlaid([
    { name: "A", points: [{ step: 1, values: { loss: 2, map50: 0.1 } }] },
    { name: "B", points: [{ step: 5, values: { loss: 1 } }] },
  ]);

  expect(charts.map(({ metric, series }) => [metric, series.map(({ name, x, y }) => [name, x, y])])).toEqual([
    [
      "loss",
      [
        ["A", [1], [2]],
        ["B", [5], [1]],
      ],
    ],
    ["map50", [["A", [1], [0.1]]]],
  ]);
});

test("inputs are the same whatever their order, and stages are shared by all or not at all", () => {
  const job = (inputs: Record<string, string>) => ({ inputs }) as unknown as Job;
  const stages = (...ids: string[]) => ids.map((id) => ({ id })) as Parameters<typeof shared>[0][number];

  expect(haveSameInputs([job({ a: "1", b: "2" }), job({ b: "2", a: "1" })])).toBe(true);
  expect(haveSameInputs([job({ a: "1" }), job({ a: "2" })])).toBe(false);
  expect(shared([stages("input", "grid", "kept"), stages("kept", "input")]).map(({ id }) => id)).toEqual([
    "input",
    "kept",
  ]);
});

test("things of the same name are distinguished by the first setting that differs", () => {
  const items = [
    run("A", { name: "iris.csv", params: { seed: 1 } }),
    run("B", { name: "iris.csv", params: { seed: 2 } }),
    run("C", { name: "wine.csv", params: { seed: 2 } }),
  ];

  expect(distinguished(items, []).map(titleOf)).toEqual([
    "iris.csv · seed: 1",
    "iris.csv · seed: 2",
    "wine.csv",
  ]);
  expect(distinguished([items[0], items[0]], []).map(titleOf)).toEqual(["iris.csv", "iris.csv"]);
});

test("a model has the title of its page, in the reader's language", async () => {
  vi.stubGlobal("document", { documentElement: {} });
  const texts = { "detection.models.grid-detector.title": "Rasterdetektor" };
  vi.stubGlobal("fetch", async () => Response.json({ texts }));
  const model = {
    capability: "detection",
    name: "grid-detector",
    version: 1,
    title: "Grid detector",
  } as Model;
  await chooseLanguage("de");
  await vi.waitFor(() => expect(titleOf({ ...run("a", {}), model })).toBe("Rasterdetektor, Version 1"));
});
