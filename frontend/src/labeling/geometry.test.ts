import { expect, test } from "vitest";
import type { Corners } from "./annotation";
import {
  boxBetween,
  iou,
  movedBox,
  objectAt,
  polygonObject,
  resizedBox,
  withBox,
  withCorner,
} from "./geometry";
import { changedBy, grip, painted, steppedBox } from "./gestures";
import { boxOfMask, pixelsOf } from "./run-lengths";
import { classOf, suggestionsOf } from "./suggesting";
import { fitted, panned, reframed, showing, zoomed } from "./view";

const size = { width: 100, height: 80 };

test("a box is drawn in any direction and ends at the picture's border", () => {
  expect(boxBetween({ x: 60, y: 50 }, { x: 20.04, y: -9 }, size)).toEqual([20, 0, 60, 50]);
  expect(iou([0, 0, 10, 10], [5, 0, 15, 10])).toBeCloseTo(1 / 3);
});

test("a box moves as far as the picture goes and keeps its size", () => {
  expect(movedBox([80, 10, 95, 30], 50, -50, size)).toEqual([85, 0, 100, 20]);
});

test("a corner drawn over the opposite one turns the box over; a side moves alone", () => {
  const box: Corners = [20, 20, 40, 40];
  expect(resizedBox(box, { x: "right", y: "bottom" }, { x: 10, y: 5 }, size)).toEqual([10, 5, 20, 20]);
  expect(resizedBox(box, { x: "left", y: null }, { x: 30, y: 0 }, size)).toEqual([30, 20, 40, 40]);
  expect(resizedBox(box, { x: "left", y: null }, { x: 40, y: 0 }, size)).toEqual([40, 20, 41, 40]);
  expect(steppedBox(box, -50, 5, true, size)).toEqual([20, 20, 21, 45]);
});

test("of nested objects the inner one is found, and a polygon only inside of its sides", () => {
  const triangle = polygonObject(
    "t",
    [
      { x: 0, y: 0 },
      { x: 40, y: 0 },
      { x: 0, y: 40 },
    ],
    size,
  );
  if (!triangle) throw new Error("it encloses an area");
  const objects = [{ label: "large", box: [0, 0, 100, 80] as Corners }, triangle];
  expect(objectAt(objects, { x: 5, y: 5 })?.label).toBe("t");
  expect(objectAt(objects, { x: 35, y: 35 })?.label).toBe("large");
  expect(
    polygonObject(
      "line",
      [
        { x: 0, y: 0 },
        { x: 40, y: 0 },
      ],
      size,
    ),
  ).toBeNull();
});

test("a polygon is scaled with its box, and its box follows a corner", () => {
  const square = { label: "s", box: [0, 0, 10, 10] as Corners, polygons: [[0, 0, 10, 0, 10, 10, 0, 10]] };
  expect(withBox(square, [10, 20, 30, 30], size).polygons).toEqual([[10, 20, 30, 20, 30, 30, 10, 30]]);
  const pulled = withCorner(square, 0, 2, { x: 50, y: 200 }, size);
  expect(pulled.polygons).toEqual([[0, 0, 10, 0, 50, 80, 0, 10]]);
  expect(pulled.box).toEqual([0, 0, 50, 80]);
});

test("the brush makes an object, extends a box to an area, and erases it whole", () => {
  const dot = painted(null, "new", { path: [{ x: 10, y: 10 }], isErasing: false }, 2, size);
  expect(dot?.box).toEqual([8, 8, 12, 12]);
  const box = { label: "b", box: [20, 20, 30, 30] as Corners };
  const more = painted(box, "other", { path: [{ x: 30, y: 25 }], isErasing: false }, 3, size);
  expect(more).toMatchObject({ label: "b", box: [20, 20, 33, 30], polygons: null });
  const area = more?.mask ? pixelsOf(more.mask).reduce((total, pixel) => total + pixel, 0) : 0;
  expect(area).toBeGreaterThan(100);
  expect(painted(dot, "new", { path: [{ x: 10, y: 10 }], isErasing: true }, 5, size)).toBeNull();
  const moved = dot && withBox(dot, [28, 18, 32, 22], size);
  expect(moved?.mask && boxOfMask(moved.mask)).toEqual([28, 18, 32, 22]);
});

test("handles and corners are taken within a finger's reach, at any zoom", () => {
  const shape = { id: 1, label: "s", box: [20, 20, 60, 60] as Corners };
  const view = { ...size, scale: 4, left: -40, top: -40 };
  expect(grip(shape, view, { x: 46, y: 46 }, size)).toMatchObject({ handle: { x: "left", y: "top" } });
  expect(grip(shape, view, { x: 75, y: 75 }, size)).toBeNull();
  const gesture = grip(shape, view, { x: 40, y: 40 }, size);
  expect(gesture && changedBy({ ...gesture, to: { x: 10, y: 10 } }, size)?.box).toEqual([10, 10, 60, 60]);
});

test("the picture fits its frame, zooms around a point, and never leaves the frame", () => {
  const frame = { width: 400, height: 400 };
  const whole = fitted(frame, size);
  expect(whole.scale).toBeCloseTo(3.92);
  expect(whole.top * 2 + 80 * whole.scale).toBeCloseTo(400);
  const near = zoomed(whole, size, { x: 100, y: 200 }, 4);
  expect((100 - near.left) / near.scale).toBeCloseTo((100 - whole.left) / whole.scale);
  expect(panned(near, size, 9999, 0).left).toBe(0);
  expect(zoomed(near, size, { x: 0, y: 0 }, 0.01)).toEqual(whole);
  expect(reframed(whole, { width: 200, height: 200 }, size).scale).toBeCloseTo(1.96);
  const shown = showing(near, size, { x: 99, y: 79 });
  expect(shown.left + 99 * shown.scale).toBeLessThanOrEqual(400);
});

test("suggestions have the dataset's classes, by name or as assigned before", () => {
  const nameOf = (label: string) => classOf(label, ["Cat", "vehicle"], { car: "vehicle", dog: "gone" });
  const result = {
    objects: [
      { label: "cat", score: 0.9, box: { xmin: 1, ymin: 2, xmax: 3, ymax: 4 } },
      { label: "car", score: 0.8, box: { xmin: 0, ymin: 0, xmax: 1, ymax: 1 } },
      { label: "dog", score: 0.7, box: { xmin: 0, ymin: 0, xmax: 1, ymax: 1 } },
    ],
  };
  const found = suggestionsOf(result, nameOf);
  expect(found.objects.map(({ label }) => label)).toEqual(["Cat", "vehicle", "dog"]);
  expect(found.objects[0].box).toEqual([1, 2, 3, 4]);
  const masks = suggestionsOf(
    {
      classes: [{ index: 0, name: "background", rle: { size: [4, 5], counts: "5220003" } }],
      instances: [
        {
          label: "cat",
          score: 0.5,
          box: { xmin: 0, ymin: 0, xmax: 5, ymax: 4 },
          rle: { size: [4, 5], counts: "5220003" },
        },
      ],
    },
    nameOf,
  );
  expect(masks.objects).toMatchObject([{ label: "Cat", box: [1, 1, 4, 3] }]);
  const classes = suggestionsOf({ label: "cat", classes: [{ label: "cat", score: 0.6 }] }, nameOf);
  expect(classes).toEqual({ objects: [], labels: [{ label: "Cat", score: 0.6 }] });
});
