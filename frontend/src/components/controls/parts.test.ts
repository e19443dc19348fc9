import { effect } from "@preact/signals";
import { expect, test } from "vitest";
import type { Job } from "../../api/types";
import { areaOf, itemAt } from "../boxes/box-scene";
import { boxView, toggle } from "../boxes/box-view";
import { aligned } from "../charts/line-chart";
import { chartsOf, smoothed } from "../charts/metric-series";
import { heat, paints } from "../charts/palette";
import { secondsLeft } from "../jobs/job-progress";
import { toPicture, toScreen, viewportOf } from "../pictures/viewport";
import { View } from "../workbench/view";

test("a view survives its address", () => {
  const query = new URLSearchParams(
    "stage=grid&at=1.3.5&conf=0.4&iou=0.55&layers=kept,grid&hide=car&off=3,9&compare=1.0.25.1&classes=&opacity=40&pick=12",
  );
  const view = new View();
  view.read(query);
  const boxes = boxView(view);
  expect(boxes.score.value).toBe(0.4);
  expect(boxes.layers.value).toEqual(["kept", "grid"]);
  expect(view.spot.value).toEqual([1, 3, 5]);
  expect(boxes.hiddenIds.value).toEqual(["3", "9"]);
  expect(view.numbers("compare").value).toEqual([1, 0, 25, 1]);
  expect(view.numbers("classes").value).toEqual([]); // none shown, which is not the default
  expect(view.number("opacity").value).toBe(40);
  expect(Object.fromEntries(view.write(new URLSearchParams()))).toEqual(Object.fromEntries(query));
});

test("what is not set stays out of the address, and what others put there stays", () => {
  const view = new View();
  view.read(new URLSearchParams("lesson=4&conf=nonsense"));
  expect(boxView(view).score.value).toBeNull();
  expect(view.write(new URLSearchParams("lesson=4&conf=0.3")).toString()).toBe("lesson=4");
});

test("an empty list of hidden boxes is no setting", () => {
  const view = new View();
  const { hiddenIds } = boxView(view);
  toggle(hiddenIds, "3");
  toggle(hiddenIds, "9");
  toggle(hiddenIds, "3");
  expect(view.write(new URLSearchParams()).toString()).toBe("off=9");
  toggle(hiddenIds, "9");
  expect(view.write(new URLSearchParams()).toString()).toBe("");
});

test("what writes the address hears of settings that come later", () => {
  const view = new View();
  view.read(new URLSearchParams());
  const written: string[] = [];
  const stop = effect(() => {
    written.push(view.write(new URLSearchParams()).toString());
  });
  view.number("opacity").value = 40;
  stop();
  expect(written.at(-1)).toBe("opacity=40");
});

test("another stage begins without the last one's spot and box", () => {
  const view = new View();
  view.read(new URLSearchParams("stage=grid&at=1.3.5&pick=2"));
  view.goTo("boxes");
  expect([view.spot.value, view.chosen.value]).toEqual([null, null]);
});

test("a zoomed picture's pixels are found again under the pointer", () => {
  const view = viewportOf({ width: 400, height: 200 }, 800, 3, { x: 20, y: -10 });
  const spot = toScreen(view, { xmin: 120, ymin: 80, xmax: 130, ymax: 90 });
  const back = toPicture(view, spot.x, spot.y);
  expect(back.x).toBeCloseTo(120);
  expect(back.y).toBeCloseTo(80);
  expect(spot.width).toBeCloseTo(15);
});

test("unzoomed, the picture's corner is the frame's", () => {
  expect(viewportOf({ width: 400, height: 200 }, 800, 1, { x: 0, y: 0 })).toMatchObject({
    scale: 0.5,
    left: 0,
    top: 0,
  });
});

test("the smallest box around a point is meant", () => {
  const box = (id: number, side: number) => ({
    id,
    label: "cat",
    score: 1,
    box: { xmin: 0, ymin: 0, xmax: side, ymax: side },
  });
  const items = [box(1, 100), box(2, 20), box(3, 50)];
  expect(itemAt(items, { x: 10, y: 10 })?.id).toBe(2);
  expect(itemAt(items, { x: 70, y: 70 })?.id).toBe(1);
  expect(itemAt(items, { x: 170, y: 70 })).toBeNull();
  expect(areaOf(items[1])).toBe(400);
});

test("a label keeps its color whatever else is found", () => {
  expect(paints(["dog", "car", "dog"]).get("car")).toEqual(paints(["car"]).get("car"));
  expect(paints(["dog", "car"]).size).toBe(2);
});

test("the heat scale ends where viridis does", () => {
  expect(heat(0)).toEqual([68, 1, 84]);
  expect(heat(1)).toEqual([253, 231, 37]);
  expect(heat(7)).toEqual([253, 231, 37]);
});

test("series of different steps share one axis", () => {
  const series = [
    { name: "loss", x: [1, 2, 3], y: [3, 2, 1] },
    { name: "val_loss", x: [2], y: [2.5] },
  ];
  expect(aligned(series)).toEqual([
    [1, 2, 3],
    [3, 2, 1],
    [null, 2.5, null],
  ]);
});

test("losses share a chart, other metrics another; validation comes after training", () => {
  const charts = chartsOf([
    { step: 1, values: { loss: 2 } },
    { step: 2, values: { val_loss: 3, loss: 1, map50: 0.2, learning_rate: 0.001 } },
  ]);
  expect(charts.map(({ name, series }) => [name, series.map((one) => one.name)])).toEqual([
    ["loss", ["loss", "val_loss"]],
    ["metrics", ["map50"]],
    ["schedule", ["learning_rate"]],
  ]);
  expect(charts[0].series[1]).toEqual({ name: "val_loss", x: [2], y: [3] });
});

test("smoothing keeps a constant and calms a jump", () => {
  const flat = { name: "loss", x: [1, 2, 3], y: [2, 2, 2] };
  expect(smoothed(flat, 0.9).y.every((value) => Math.abs((value ?? 0) - 2) < 1e-9)).toBe(true);
  const jump = smoothed({ name: "loss", x: [1, 2], y: [0, 1] }, 0.5).y[1] ?? 0;
  expect(jump).toBeGreaterThan(0.5);
  expect(jump).toBeLessThan(1);
});

test("the time left of a job is estimated once its pace is known", () => {
  const started = Date.parse("2026-01-01T00:00:00Z");
  const job = (fraction: number, status = "running") =>
    ({ status, started_at: new Date(started).toISOString(), progress: { fraction } }) as Job;
  expect(secondsLeft(job(0.25), started + 60_000)).toBeCloseTo(180);
  expect(secondsLeft(job(0.001), started + 60_000)).toBeNull();
  expect(secondsLeft(job(1, "succeeded"), started + 60_000)).toBeNull();
});
