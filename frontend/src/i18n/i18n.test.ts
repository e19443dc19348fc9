import { readdirSync, readFileSync } from "node:fs";
import { beforeAll, expect, test, vi } from "vitest";
import { chooseLanguage, formatBytes, formatDay, formatDuration, formatOrdinal, t } from "./index";
import { metricRows } from "./metric-names";

beforeAll(() => {
  vi.stubGlobal("document", { documentElement: {} });
});

type Messages = Record<string, string | { one: string; other: string }>;
type Modules = Record<string, { messages?: Messages }>;

/** The messages of all topics, by key. */
const all = (modules: Modules): Messages =>
  Object.assign({}, ...Object.values(modules).map(({ messages }) => messages));

const en = all(import.meta.glob("./en/*.ts", { eager: true }) as Modules);
const de = all(import.meta.glob("./de/*.ts", { eager: true }) as Modules);

const blanks = (message: string | { other: string }) =>
  [...(typeof message === "string" ? message : message.other).matchAll(/\{(\w+)\}/g)]
    .map(([, name]) => name)
    .sort();

test("both languages have the same keys", () => {
  expect(Object.keys(de).sort()).toEqual(Object.keys(en).sort());
});

test("both languages fill in the same values", () => {
  for (const key of Object.keys(en)) expect(blanks(de[key]), key).toEqual(blanks(en[key]));
});

test("every key is used", () => {
  const folder = new URL("..", import.meta.url);
  const sources = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.tsx?$/.test(name) && !name.startsWith("i18n"))
    .map((name) => readFileSync(new URL(name, folder), "utf8"))
    .join("\n");
  // keys that are put together: t(`status.${status}`)
  const prefixes = [...sources.matchAll(/`([\w.]+\.)\$\{/g)].map(([, prefix]) => prefix);
  const unused = Object.keys(en).filter(
    (key) =>
      !key.startsWith("metric.") &&
      !sources.includes(`"${key}"`) &&
      !prefixes.some((prefix) => key.startsWith(prefix)),
  );
  expect(unused).toEqual([]);
});

test("plurals and numbers follow the language", async () => {
  await chooseLanguage("en");
  expect(t("objects.title", { n: 1 })).toBe("1 object");
  expect(t("objects.title", { n: 1234 })).toBe("1,234 objects");
  await chooseLanguage("de");
  expect(t("objects.title", { n: 1234 })).toBe("1.234 Objekte");
});

test("times, sizes and places are written for people", async () => {
  await chooseLanguage("en");
  expect(formatDuration(0.0418)).toBe("42 ms");
  expect(formatDuration(340)).toBe("5 min 40 sec");
  expect(formatBytes(7_800_000)).toBe("7.8 MB");
  expect(formatBytes(144)).toBe("144 bytes");
  expect([1, 2, 3, 4, 11, 21].map(formatOrdinal)).toEqual(["1st", "2nd", "3rd", "4th", "11th", "21st"]);
});

test("a day is the same in every time zone, and written in the reader's language", async () => {
  await chooseLanguage("en");
  expect(formatDay("2024-03-01")).toBe("Mar 1, 2024");
  await chooseLanguage("de");
  expect(formatDay("2024-03-01")).toBe("01.03.2024");
});

test("a figure has three or four digits that count, and a count all of its own", async () => {
  await chooseLanguage("en");
  const texts = metricRows({
    iou: 0.85954,
    psnr: 28.0449,
    rows: 24_312,
    map50: 0.5,
    map50_low: 0.45,
    map50_high: 0.55,
  });
  expect(texts.map(({ text }) => text)).toEqual([
    "0.86",
    "28.04",
    "24,312",
    expect.stringContaining("0.500"),
  ]);
});
