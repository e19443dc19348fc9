import { beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { Part } from "../api/types";
import { chooseLanguage, label, message } from "./index";
import { translations } from "./translations";

const TEXTS = {
  "clustering.columns.left_out": "{lost} von {total} Zeilen haben fehlende Werte.",
  "clustering.elbow.explanation": "Sinkt kaum noch ab {k} Clustern.",
  "segmentation.skips.alt": "{share:.1%} der Pixel bekommen eine andere Klasse.",
  "denoising.level": "Die Rauschstärke ist {sigma:.1f}.",
  "tabular.loss.explanation": "Das Training minimiert {loss}.",
  "tabular.loss.log": "den Log-Loss",
  "detection.predict.score.title": "Score-Schwelle",
  "core.params.seed.title": "Startwert",
};

const german = translations(TEXTS);

beforeAll(() => {
  vi.stubGlobal("document", { documentElement: {} });
  vi.stubGlobal("fetch", async () => Response.json({ language: "de", texts: TEXTS }));
});

beforeEach(async () => {
  await chooseLanguage("de");
  await vi.waitFor(() => expect(label("core.params.seed.title", "Seed").lang).toBeUndefined());
});

test("a message is the text of its parts with their values", () => {
  const parts: Part[] = [
    { id: "clustering.columns.left_out", values: { lost: 3, total: 1797 } },
    { id: "clustering.elbow.explanation", values: { k: 4 } },
  ];
  expect(german.message(parts)).toBe(
    "3 von 1.797 Zeilen haben fehlende Werte. Sinkt kaum noch ab 4 Clustern.",
  );
});

test("numbers are in the reader's format, with the digits that the text asks for", () => {
  expect(german.message([{ id: "segmentation.skips.alt", values: { share: 0.0325 } }])).toMatch(
    /^3,3\s% der Pixel/,
  );
  expect(german.message([{ id: "denoising.level", values: { sigma: 25 } }])).toBe(
    "Die Rauschstärke ist 25,0.",
  );
  const small = translations({ rate: "{value}" });
  expect(small.message([{ id: "rate", values: { value: 0.000123456 } }])).toBe("0,000123");
  const group = translations({ number: "{value:.6g}" });
  const written = (value: number) => group.message([{ id: "number", values: { value } }]);
  expect([0.25, 2015, 1234.5].map(written)).toEqual(["0,25", "2015", "1234,5"]); // 2015 may be a year
});

test("a word has the form that its number needs", () => {
  const counted = translations({ rows: "{n:,} {n:Zeile fehlt|Zeilen fehlen}" });
  const textOf = (n: number) => counted.message([{ id: "rows", values: { n } }]);
  expect([0, 1, 2].map(textOf)).toEqual(["0 Zeilen fehlen", "1 Zeile fehlt", "2 Zeilen fehlen"]);
});

test("a value may be a message itself", () => {
  const loss = { text: "the log loss", parts: [{ id: "tabular.loss.log", values: {} }] };
  expect(german.message([{ id: "tabular.loss.explanation", values: { loss } }])).toBe(
    "Das Training minimiert den Log-Loss.",
  );
  const name = { text: "petal length", parts: [] };
  expect(german.message([{ id: "tabular.loss.explanation", values: { loss: name } }])).toBe(
    "Das Training minimiert petal length.",
  );
});

test("one unknown part makes the whole message English", () => {
  const known = { id: "tabular.loss.log", values: {} };
  const parts = [known, { id: "", values: { text: "Because." } }];
  expect(german.message(parts)).toBeNull();
  expect(message(parts, "The log loss. Because.")).toEqual({ text: "The log loss. Because.", lang: "en" });
  expect(message([known], "the log loss")).toEqual({ text: "den Log-Loss", lang: undefined });
  expect(message([], "Plain.")).toEqual({ text: "Plain.", lang: "en" });
  expect(german.message([{ id: "toString", values: {} }])).toBeNull();
  expect(german.message([{ id: "clustering.elbow.explanation", values: {} }])).toBeNull();
});

test("a label has the first translation of its ids", () => {
  const seed = ["detection.train.seed.title", "core.params.seed.title"];
  expect(label(seed, "Seed")).toEqual({ text: "Startwert", lang: undefined });
  expect(label("detection.train.steps.title", "Steps")).toEqual({ text: "Steps", lang: "en" });
});

test("in English every text is the server's", async () => {
  await chooseLanguage("en");
  expect(label("core.params.seed.title", "Seed")).toEqual({ text: "Seed", lang: undefined });
});

test("texts inside of a stage's data are translated at their places", () => {
  const data = {
    x_label: "clusters",
    series: [{ name: "the log loss", x: [1], y: [2] }],
    messages: { "/series/0/name": [{ id: "tabular.loss.log", values: {} }], "/gone/0": [] },
  };
  expect(german.data(data)).toMatchObject({ x_label: "clusters", series: [{ name: "den Log-Loss" }] });
  expect(data.series[0].name).toBe("the log loss");
  expect(german.data(data)).toBe(german.data(data));
});
