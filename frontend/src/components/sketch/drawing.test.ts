import { inflateSync } from "node:zlib";
import { expect, test } from "vitest";
import { blank, bytesOf, fill, isBlank, nearestPlaces, paletteOf, stroke } from "./drawing";
import { pngOf } from "./png";

const rows = ({ width, places }: { width: number; places: Uint8Array }) =>
  Array.from({ length: places.length / width }, (_, row) =>
    [...places.subarray(row * width, (row + 1) * width)].join(""),
  );

test("a brush is round, and a stroke has both of its ends", () => {
  const empty = blank({ width: 7, height: 5 });
  const middle = { x: 3, y: 2 };
  expect(rows(stroke(empty, middle, middle, 1, 1))).toEqual([
    "0000000",
    "0000000",
    "0001000",
    "0000000",
    "0000000",
  ]);
  expect(rows(stroke(empty, middle, middle, 5, 2))).toEqual([
    "0022200",
    "0222220",
    "0222220",
    "0222220",
    "0022200",
  ]);
  expect(rows(stroke(empty, { x: 0, y: 4 }, { x: 4, y: 0 }, 1, 1))).toEqual([
    "0000100",
    "0001000",
    "0010000",
    "0100000",
    "1000000",
  ]);
  expect(isBlank(empty)).toBe(true); // strokes make a new drawing
});

test("a stroke beyond the border is cut off, not wrapped around", () => {
  const drawn = stroke(blank({ width: 4, height: 3 }), { x: 3, y: 1 }, { x: 9, y: 1 }, 1, 1);
  expect(rows(drawn)).toEqual(["0000", "0001", "0000"]);
});

test("an area is filled up to its border, and not through a corner", () => {
  const wall = stroke(blank({ width: 5, height: 5 }), { x: 0, y: 4 }, { x: 4, y: 0 }, 1, 1);
  expect(rows(fill(wall, { x: 0, y: 0 }, 2))).toEqual(["22221", "22210", "22100", "21000", "10000"]);
  expect(fill(wall, { x: 0, y: 0 }, 0)).toBe(wall);
});

test("a brush of the background's color is the background", () => {
  const brushes = [
    { name: "skin", color: "#f0c0a0" },
    { name: "ground", color: "#000000" },
  ];
  const sketch = { width: 2, height: 1, background: "#000000", brushes, by_model: {} };
  expect(paletteOf(sketch)).toEqual(["#000000", "#f0c0a0"]);
});

test("another picture is read as the nearest colors", () => {
  const rgba = Uint8ClampedArray.of(250, 10, 5, 255, 3, 3, 9, 255, 20, 20, 200, 255);
  expect([...nearestPlaces(rgba, ["#000000", "#ff0000", "#0000ff"])]).toEqual([1, 0, 2]);
});

test("the PNG has exactly the colors of the palette", async () => {
  const palette = ["#000000", "#8a5a2b", "#fefdfc"];
  const drawing = { width: 3, height: 2, places: Uint8Array.of(0, 1, 2, 2, 1, 0) };
  const file = Buffer.from(await (await pngOf(drawing, palette)).arrayBuffer());
  const start = file.indexOf("IDAT");
  const data = inflateSync(file.subarray(start + 4, start + 4 + file.readUInt32BE(start - 4)));
  expect(file.subarray(0, 8).toString("latin1")).toBe("\x89PNG\r\n\x1a\n");
  expect([file.readUInt32BE(16), file.readUInt32BE(20), file[24], file[25]]).toEqual([3, 2, 8, 2]);
  expect(file.subarray(-12).toString("hex")).toBe("0000000049454e44ae426082"); // as in the standard
  expect([...data]).toEqual([
    0, 0, 0, 0, 0x8a, 0x5a, 0x2b, 0xfe, 0xfd, 0xfc, 0, 0xfe, 0xfd, 0xfc, 0x8a, 0x5a, 0x2b, 0, 0, 0,
  ]);
  expect([...bytesOf(drawing, palette, 4)].slice(4, 8)).toEqual([0x8a, 0x5a, 0x2b, 255]);
});
