import { readdirSync, readFileSync } from "node:fs";
import { beforeAll, expect, test, vi } from "vitest";
import { messages as german } from "./de";
import { messages as germanApi } from "./de/api";
import { messages as germanDatasets } from "./de/datasets";
import { messages as germanGan } from "./de/gan";
import { messages as germanLabeling } from "./de/labeling";
import { messages as germanMetrics } from "./de/metrics";
import { messages as germanSketch } from "./de/sketch";
import { messages as english } from "./en";
import { messages as englishApi } from "./en/api";
import { messages as englishDatasets } from "./en/datasets";
import { messages as englishGan } from "./en/gan";
import { messages as englishLabeling } from "./en/labeling";
import { messages as englishMetrics } from "./en/metrics";
import { messages as englishSketch } from "./en/sketch";
import { chooseLanguage, formatBytes, formatDay, formatDuration, formatOrdinal, t } from "./index";

beforeAll(() => {
  vi.stubGlobal("document", { documentElement: {} });
});

const en = {
  ...english,
  ...englishApi,
  ...englishMetrics,
  ...englishSketch,
  ...englishGan,
  ...englishLabeling,
  ...englishDatasets,
};
const de = {
  ...german,
  ...germanApi,
  ...germanMetrics,
  ...germanSketch,
  ...germanGan,
  ...germanLabeling,
  ...germanDatasets,
};

const blanks = (message: string | { other: string }) =>
  [...(typeof message === "string" ? message : message.other).matchAll(/\{(\w+)\}/g)]
    .map(([, name]) => name)
    .sort();

test("both languages have the same keys", () => {
  expect(Object.keys(de).sort()).toEqual(Object.keys(en).sort());
});

test("both languages fill in the same values", () => {
  for (const key of Object.keys(en) as (keyof typeof en)[])
    expect(blanks(de[key]), key).toEqual(blanks(en[key]));
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
