import { expect, test } from "vitest";
import type { DatasetPicture } from "../../api/types";
import { objectsText } from "./class-list";
import { namesIn } from "./create-form";
import { folderOf, pathOf } from "./folders";
import { neighbor } from "./grid-keys";
import { withLabel } from "./use-pictures";

/** Five tiles in rows of three: 0 1 2 / 3 4. */
const tiles = [0, 1, 2, 3, 4].map(
  (index) => ({ offsetLeft: 100 * (index % 3), offsetTop: 200 * Math.floor(index / 3) }) as HTMLElement,
);

test("arrow keys move in a grid whose last row is short", () => {
  const moves: [number, string, number | null][] = [
    [0, "ArrowRight", 1],
    [2, "ArrowRight", 3],
    [4, "ArrowRight", 4],
    [0, "ArrowLeft", 0],
    [1, "ArrowDown", 4],
    [2, "ArrowDown", 4],
    [4, "ArrowDown", 4],
    [3, "ArrowUp", 0],
    [1, "End", 4],
    [4, "Home", 0],
    [1, "Enter", null],
  ];
  for (const [from, key, to] of moves) expect(neighbor(tiles, from, key), `${from} ${key}`).toBe(to);
});

test("the names of classes are cut at commas, each once", () => {
  expect(namesIn(" apple, pear;apple,, red wine\nnut ")).toEqual(["apple", "pear", "red wine", "nut"]);
  expect(namesIn(" , ")).toEqual([]);
});

test("a file's folder is its class; a file alone has none", () => {
  const file = new File(["x"], "one.jpg");
  expect([pathOf(file), folderOf(file)]).toEqual(["one.jpg", null]);
  const inFolder = Object.assign(new File(["x"], "one.jpg"), { webkitRelativePath: "fruit/pear/one.jpg" });
  expect([pathOf(inFolder), folderOf(inFolder)]).toEqual(["fruit/pear/one.jpg", "pear"]);
});

test("the objects of a picture are counted, the most frequent class first", () => {
  expect(objectsText(["dog", "car", "car"])).toBe("2 × car, dog");
  expect(objectsText([])).toBe("");
});

test("a picture without class and objects is not labeled any more", () => {
  const object = { label: "car", box: [0, 0, 1, 1] as [number, number, number, number] };
  const picture = (objects: (typeof object)[]) => ({ annotation: { label: "a", objects } }) as DatasetPicture;
  expect(withLabel(picture([]), null)).toBeNull();
  expect(withLabel(picture([object]), null)).toEqual({ label: null, objects: [object] });
  expect(withLabel({ annotation: null } as DatasetPicture, "b")).toEqual({ label: "b", objects: [] });
});
