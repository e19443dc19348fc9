import { describe, expect, test } from "vitest";
import type { ComparisonData, MaskClass } from "../../stages/shapes";
import { flipped, readView, writeView } from "./comparison-view";
import { edgeOf, labelPoints, NONE, placeAt, placesOf } from "./mask-pixels";
import { isHuge, splitAt, viewportOf } from "./viewport";

const picture = (name: string) => ({ name, file: `${name}.png`, width: 8, height: 8, alt: name });
const compared: ComparisonData = {
  width: 8,
  height: 8,
  pictures: [picture("a"), picture("b"), picture("c")],
  left: 0,
  right: 2,
};

describe("which pictures are compared", () => {
  test("an address brings back the view that wrote it", () => {
    const view = { left: 1, right: 2, split: 73, isBeside: true };
    expect(readView(compared, writeView(compared, view))).toEqual(view);
  });

  test("defaults of the data stay out of the address", () => {
    expect(writeView(compared, readView(compared, null))).toBeNull();
  });

  test("pictures that are not there, and nonsense, give way to the data's own", () => {
    expect(readView(compared, [9, Number.NaN, 400, 7])).toEqual({
      left: 0,
      right: 2,
      split: 50,
      isBeside: false,
    });
  });

  test("flipping shows the left picture whole, then the right one, then the left again", () => {
    expect([50, 100, 0, 100].map(flipped)).toEqual([100, 0, 100, 0]);
  });
});

describe("the divider", () => {
  const frame = { width: 400, height: 300 };

  test("cuts at its own place in the frame while nothing is zoomed", () => {
    expect(splitAt(viewportOf(frame, 800, 1, { x: 0, y: 0 }), 800, 0.25)).toBe(0.25);
  });

  test("stays where it is on the screen when the pictures are zoomed around their middle", () => {
    const zoomed = viewportOf(frame, 800, 4, { x: 0, y: 0 });
    expect(splitAt(zoomed, 800, 0.5)).toBe(0.5);
    // the frame's left edge is 3/8 into the picture, and a quarter of the frame 1/16 further
    expect(splitAt(zoomed, 800, 0.25)).toBe(0.4375);
  });
});

test("more than 40 megapixels of a file are not loaded unasked, however small they are drawn", () => {
  expect(isHuge({ width: 8000, height: 5000 })).toBe(false);
  expect(isHuge({ width: 8000, height: 5001 })).toBe(true);
  expect(isHuge({ width: 100, height: 100, pixels: 400_000_000 })).toBe(true);
});

describe("a mask", () => {
  const kinds: MaskClass[] = [
    { index: 0, name: "background", color: "#000000", share: 0.5, shown: false },
    { index: 15, name: "person", color: "#cc79a7", share: 0.5, shown: true },
  ];
  // a 2 x 2 person in the middle of 4 x 4
  const places = Uint8Array.from([0, 0, 0, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0]);
  const mask = { width: 4, height: 4, places };

  test("is read by the colors of its palette, and another color is no class", () => {
    const rgba = Uint8ClampedArray.from([0xcc, 0x79, 0xa7, 255, 0, 0, 0, 255, 1, 2, 3, 255]);
    expect([...placesOf(rgba, kinds)]).toEqual([1, 0, NONE]);
  });

  test("finds the class at a point of a picture twice as large", () => {
    expect(placeAt(mask, { x: 3, y: 3 }, 8)).toBe(1);
    expect(placeAt(mask, { x: 1.9, y: 3 }, 8)).toBe(0);
    expect(placeAt(mask, { x: -1, y: 3 }, 8)).toBeNull();
  });

  test("has an edge of long pieces around a class, and none along the picture's border", () => {
    const around = [
      [1, 1, 3, 1],
      [1, 3, 3, 3],
      [1, 1, 1, 3],
      [3, 1, 3, 3],
    ];
    expect(edgeOf(mask, 1)).toEqual(around);
    expect(edgeOf(mask, 0)).toEqual(around);
    expect(edgeOf({ width: 2, height: 1, places: Uint8Array.from([1, 1]) }, 1)).toEqual([]);
  });

  test("puts a name where its class is widest", () => {
    const row = [1, 0, 0, 0, 0, 0, 1, 1, 1];
    const wide = { width: 9, height: 3, places: Uint8Array.from([...row, ...row, ...row]) };
    expect(labelPoints(wide, 2)).toEqual([
      { x: 2, y: 1 },
      { x: 7, y: 1 },
    ]);
    expect(labelPoints(wide, 3)[2]).toBeNull();
  });

  test("larger than the coarse raster still gets its points in its own pixels", () => {
    const large = { width: 640, height: 320, places: new Uint8Array(640 * 320).fill(1) };
    for (let y = 100; y < 200; y++) large.places.fill(0, y * 640 + 400, y * 640 + 500);
    const [point] = labelPoints(large, 2);
    expect(point?.x).toBeGreaterThan(430);
    expect(point?.x).toBeLessThan(470);
    expect(point?.y).toBeGreaterThan(130);
    expect(point?.y).toBeLessThan(170);
  });
});
