import { expect, test } from "vitest";
import type { Capability, Job, Model } from "../../api/types";
import { familiarityOf, fittingModel, labelsOf } from "./familiarity";

const model = (name: string, isPreferred: boolean) => ({ name, is_preferred: isPreferred }) as Model;
const job = (result: unknown, by = "grid-detector") => ({ result, model: { name: by } }) as unknown as Job;
const detection = { models: [model("grid-detector", false), model("nanodet-g", true)] } as Capability;

test("the preferred model is offered, unless it is the one that answered", () => {
  expect(fittingModel(detection, job({}))?.name).toBe("nanodet-g");
  expect(fittingModel(detection, job({}, "my-flowers"))?.name).toBe("nanodet-g");
  expect(fittingModel(detection, job({}, "nanodet-g"))).toBeNull();
  expect(fittingModel({ models: [model("only", false)] } as Capability, job({}))).toBeNull();
  expect(fittingModel(null, job({}))).toBeNull(); // not loaded yet
});

test("a model without statistics gives no number", () => {
  const familiarity = { deviation: 3.1, threshold: 2.2, is_unlike: true, summary: "Unlike." };

  expect(familiarityOf(job({ familiarity }))).toEqual(familiarity);
  expect(familiarityOf(job({ labels: ["cat"] }))).toBeNull();
  expect(familiarityOf(job(null))).toBeNull();
});

test("the classes of detectors and of tables are names, those of a mask's legend are not", () => {
  expect(labelsOf(job({ labels: ["cat", "dog"] }))).toEqual(["cat", "dog"]);
  expect(labelsOf(job({ classes: ["setosa", "virginica"] }))).toEqual(["setosa", "virginica"]);
  expect(labelsOf(job({ classes: [{ index: 1, name: "cat" }], labels: ["cat", "dog"] }))).toEqual([
    "cat",
    "dog",
  ]);
  expect(labelsOf(job({ classes: [{ index: 1, name: "cat" }] }))).toEqual([]);
  expect(labelsOf(job({ classes: [] }))).toEqual([]);
  expect(labelsOf(job(null))).toEqual([]);
});
