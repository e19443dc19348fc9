import { expect, test } from "vitest";
import {
  boxOfMask,
  decodeCounts,
  encodeCounts,
  isInMask,
  maskOf,
  paint,
  pixelsOf,
  pixelsOfPolygons,
  shifted,
  stretched,
  stripsOf,
} from "./run-lengths";
import golden from "./run-lengths.golden.json";

// of pycocotools; tests/models/core/datasets/test_page_masks.py holds the file equal to it
const masks = golden.masks.map(({ size, ...rest }) => ({ ...rest, size: size as [number, number] }));

test.each(masks)("$name is read and written as pycocotools does", ({ size, text, counts, area, box }) => {
  expect(decodeCounts(text)).toEqual(counts);
  expect(encodeCounts(counts)).toBe(text);
  const [height, width] = size;
  const pixels = pixelsOf({ size, counts: text });
  expect(pixels.length).toBe(width * height);
  expect(pixels.reduce((total, pixel) => total + pixel, 0)).toBe(area);
  expect(maskOf(pixels, { width, height })).toEqual({ size, counts: text });
  expect(boxOfMask({ size, counts })).toEqual(area > 0 ? box : null);
});

/** Rows of a mask as text. */
const drawn = (pixels: Uint8Array, width: number, height: number) =>
  Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => ".#"[pixels[x * height + y]]).join(""),
  );

test("a mask is drawn as strips with its holes, and a wide one in as many as can be seen", () => {
  const ring = maskOf(Uint8Array.from([1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1]), { width: 3, height: 4 });
  expect(stripsOf(ring)).toBe("M0 0h1v4H0zM1 0h1v1H1zM1 3h1v1H1zM2 0h1v4H2z");
  const band = maskOf(new Uint8Array(300).fill(1, 1), { width: 300, height: 1 });
  expect(stripsOf(band).split("M").length - 1).toBe(100);
  expect(stripsOf(band)).toMatch(/^M1 0h3v1H1z.*M298 0h2v1H298z$/);
  expect(stripsOf(maskOf(new Uint8Array(4), { width: 2, height: 2 }))).toBe("");
});

test("a stroke covers the pixels whose centers the brush passes over", () => {
  const pixels = new Uint8Array(7 * 5);
  const size = { width: 7, height: 5 };
  paint(pixels, size, [{ x: 1.5, y: 2.5 }], 1, 1);
  expect(drawn(pixels, 7, 5)).toEqual([".......", ".#.....", "###....", ".#.....", "......."]);
  paint(
    pixels,
    size,
    [
      { x: 1.5, y: 2.5 },
      { x: 20, y: 2.5 },
    ],
    0.4,
    1,
  );
  expect(drawn(pixels, 7, 5)[2]).toBe("#######");
  paint(pixels, size, [{ x: 3.5, y: 2.5 }], 0.4, 0);
  expect(drawn(pixels, 7, 5)[2]).toBe("###.###");
});

test("a polygon covers the pixels whose centers are inside, also where it is hollow", () => {
  const square = [1, 1, 5, 1, 5, 4, 1, 4];
  expect(drawn(pixelsOfPolygons([square], { width: 6, height: 5 }), 6, 5)).toEqual([
    "......",
    ".####.",
    ".####.",
    ".####.",
    "......",
  ]);
  const notched = [0, 0, 6, 0, 6, 3, 4, 3, 4, 1, 2, 1, 2, 3, 0, 3];
  expect(drawn(pixelsOfPolygons([notched], { width: 6, height: 3 }), 6, 3)).toEqual([
    "######",
    "##..##",
    "##..##",
  ]);
});

test("a mask is moved and stretched with its box", () => {
  const size = { width: 8, height: 4 };
  const mask = maskOf(pixelsOfPolygons([[0, 0, 2, 0, 2, 2, 0, 2]], size), size);
  const moved = stretched(mask, [0, 0, 2, 2], [4, 1, 6, 3]);
  expect(boxOfMask(moved)).toEqual([4, 1, 6, 3]);
  expect(shifted(mask, 4, 1)).toEqual(moved);
  expect(shifted(shifted(mask, 6, 2), -6, -2)).toEqual(mask); // there and back, over the last pixel
  const larger = stretched(mask, [0, 0, 2, 2], [0, 0, 6, 4]);
  expect(boxOfMask(larger)).toEqual([0, 0, 6, 4]);
  expect(isInMask(larger, { x: 5.9, y: 3.9 })).toBe(true);
  expect(isInMask(larger, { x: 6.1, y: 3.9 })).toBe(false);
  expect(isInMask(mask, { x: -1, y: 0 })).toBe(false);
});
