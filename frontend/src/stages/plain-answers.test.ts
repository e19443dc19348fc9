import { beforeAll, expect, test, vi } from "vitest";
import type { Artifact, Job } from "../api/types";
import { chooseLanguage } from "../i18n";
import { plainAnswer, pngSize } from "./plain-answers";
import type { ComparisonData } from "./shapes";

beforeAll(async () => {
  vi.stubGlobal("document", { documentElement: {} });
  await chooseLanguage("en");
});

const UPLOAD = { url: "/upload", width: 400, height: 300, alt: "The picture cat.jpg" };
const artifact = (name: string, more: Partial<Artifact> = {}): Artifact => ({
  id: name,
  name,
  kind: "image",
  media_type: "image/png",
  bytes: 1000,
  url: `/files/${name}`,
  ...more,
});
const answerOf = (job: Partial<Job>, picture: typeof UPLOAD | null = UPLOAD, size = [800, 600]) =>
  plainAnswer({ result: null, artifacts: [], params: {}, ...job } as Job, picture, async () => ({
    width: size[0],
    height: size[1],
  }));

test("objects become boxes, with the job's thresholds to begin with", async () => {
  const object = { label: "cat", score: 0.9, box: { xmin: 1, ymin: 2, xmax: 30, ymax: 40 } };
  const result = { objects: [object, { ...object, id: 17 }], image: { width: 400, height: 300 } };
  const answer = await answerOf({ result, params: { score: 0.3, iou: 0.5 } });
  expect(answer).toMatchObject({
    kind: "boxes",
    data: { width: 400, height: 300, boxes: [{ id: 1 }, { id: 17 }], defaults: { score: 0.3, iou: 0.5 } },
  });
});

test("the thresholds of an answer are those of its model where the params name none", async () => {
  const result = { image: { width: 4, height: 3 }, objects: [], thresholds: { score: 0.35, iou: 0.6 } };
  const answer = await answerOf({ result, params: { score: null, iou: null } });
  expect(answer).toMatchObject({ data: { defaults: { score: 0.35, iou: 0.6 } } });
});

test("classes with a score are drawn as bars, with the number of all that the model knows", async () => {
  const classes = [{ label: "cat", score: 0.9 }];
  const answer = await answerOf({
    result: { classes, labels: ["cat", "dog"], image: { width: 4, height: 3 } },
  });
  expect(answer).toMatchObject({ kind: "classes", data: { classes, total: 2 } });
});

test("a generated picture, whose classes are names alone, is drawn as a picture", async () => {
  const result = { classes: ["T-shirt", "bag"], image: { width: 28, height: 28 } };
  const answer = await answerOf({ result, artifacts: [artifact("samples.png")] }, null);
  expect(answer).toMatchObject({ kind: "image", data: { file: "samples.png" } });
});

test("a mask is drawn with the classes of the result; the background is hidden", async () => {
  const classes = [
    { index: 0, name: "background", color: "#000000", share: 0.8 },
    { index: 3, name: "cat", color: "#ff0000", share: 0.2 },
  ];
  const answer = await answerOf({
    result: { classes, image: { width: 400, height: 300 } },
    artifacts: [artifact("overlay.png"), artifact("mask.png", { kind: "mask" })],
    params: { opacity: 0.4 },
  });
  expect(answer).toMatchObject({
    kind: "mask",
    data: { file: "mask.png", opacity: 0.4, classes: [{ shown: false }, { shown: true }] },
    files: { "mask.png": "/files/mask.png" },
  });
});

test("a picture of the same scene is compared with the upload, at its own size", async () => {
  const answer = await answerOf({ artifacts: [artifact("enlarged.png")] });
  if (answer?.kind !== "comparison") throw new Error("no comparison");
  const { width, pictures, left, right } = answer.data as ComparisonData;
  expect(width).toBe(800);
  expect(pictures.map(({ file, width: own }) => [file, own])).toEqual([
    [null, 400],
    ["enlarged.png", 800],
  ]);
  expect([left, right]).toEqual([0, 1]);
});

test("a picture without an upload, or of another scene, stands alone", async () => {
  const job = { artifacts: [artifact("sheet.png")] };
  expect((await answerOf(job, null))?.kind).toBe("image");
  expect((await answerOf(job, UPLOAD, [600, 600]))?.kind).toBe("image");
});

test("of a picture too large to load its preview is shown", async () => {
  const artifacts = [artifact("enlarged.png", { bytes: 90_000_000 }), artifact("preview.jpg")];
  expect((await answerOf({ artifacts }))?.files).toEqual({ "preview.jpg": "/files/preview.jpg" });
});

test("an answer without files and boxes is not drawn", async () => {
  expect(await answerOf({ result: { rolls: [1, 6] } })).toBeNull();
  expect(
    await answerOf({ artifacts: [artifact("rows.csv", { media_type: "text/csv", kind: "table" })] }),
  ).toBeNull();
});

test("the size of a PNG is read from its header", () => {
  const header = new Uint8Array(24);
  const view = new DataView(header.buffer);
  view.setUint32(0, 0x89504e47);
  view.setUint32(16, 3840);
  view.setUint32(20, 2560);
  expect(pngSize(header)).toEqual({ width: 3840, height: 2560 });
  expect(pngSize(header.slice(0, 20))).toBeNull();
  expect(pngSize(new Uint8Array(24))).toBeNull();
});
