import { signal } from "@preact/signals";
import { api } from "../api/client";
import { part } from "../api/parts";
import type { Part } from "../api/types";
import type { Messages } from "./en";
import type { ApiMessages } from "./en/api";
import type { AuditMessages } from "./en/audits";
import type { BatchMessages } from "./en/batch";
import type { CollectMessages } from "./en/collect";
import type { CompareMessages } from "./en/compare";
import type { DatasetMessages } from "./en/datasets";
import type { GanMessages } from "./en/gan";
import type { GroupsMessages } from "./en/groups";
import type { LabelingMessages } from "./en/labeling";
import type { LessonMessages } from "./en/lessons";
import type { LogMessages } from "./en/log";
import type { MetricMessages } from "./en/metrics";
import type { ReviewMessages } from "./en/reviews";
import type { RunsMessages } from "./en/runs";
import type { SketchMessages } from "./en/sketch";
import type { SweepFormMessages } from "./en/sweep-form";
import type { SweepMessages } from "./en/sweeps";
import type { Translations } from "./translations";

type AllMessages = Messages &
  ApiMessages &
  AuditMessages &
  BatchMessages &
  CollectMessages &
  CompareMessages &
  DatasetMessages &
  GanMessages &
  GroupsMessages &
  LabelingMessages &
  LessonMessages &
  MetricMessages &
  ReviewMessages &
  RunsMessages &
  SketchMessages &
  SweepFormMessages &
  SweepMessages &
  LogMessages;
export type Key = keyof AllMessages;
export type Language = "en" | "de";
export const languages: Record<Language, string> = { en: "English", de: "Deutsch" };

type Loaders<Messages> = Record<Language, () => Promise<{ messages: Messages }>>;

const loaders: Loaders<Messages> = {
  en: () => import("./en"),
  de: () => import("./de"),
};

/** The messages of a page or a part, in a file for each language. */
export type Topic = Loaders<Partial<AllMessages>>;

export const language = signal<Language>("en");
const messages = signal<Partial<AllMessages>>({});
const usedTopics = new Set<Topic>();
/** The server's texts in the reader's language; null: in English, which comes with the data. */
const serverTexts = signal<Translations | null>(null);

type Values = Record<string, string | number>;

/** The message of `key` in the reader's language; `{name}` is filled in, `n` chooses the plural. */
export function t(key: Key, values: Values = {}): string {
  const message = messages.value[key] ?? key;
  const text = typeof message === "string" ? message : message[pluralOf(values.n)];
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    return typeof value === "number" ? formatNumber(value) : (value ?? whole);
  });
}

/** The message of an id that may be unknown: null. */
export const messageOf = (id: string): string | null => {
  const found = messages.value[id as Key];
  return typeof found === "string" ? found : null;
};

/** A text of the server as the reader gets it. */
export interface Translation {
  text: string;
  lang: "en" | undefined; // set where the text is not in the language of the page
}

/** What the server composed of `parts`, in the reader's language; its English text where a part has no translation. */
export const message = (parts: Part[] | null | undefined, english: string): Translation =>
  translation(english, parts?.length ? serverTexts.value?.message(parts) : null);

/** A static text of a card or a form, in the reader's language, by the first of these ids that has a translation. */
export const label = (ids: string | string[], english: string): Translation =>
  translation(english, serverTexts.value?.label([ids].flat()));

/** The data of a stage with its own texts, such as names of series, in the reader's language. */
export const inReadersLanguage = <Data>(data: Data): Data => serverTexts.value?.data(data) ?? data;

const translation = (english: string, text: string | null | undefined): Translation => ({
  text: text ?? english,
  lang: text == null && language.value !== "en" ? "en" : undefined,
});

/** The server's texts are loaded after the page: until then, and where the server has none, they are English. */
async function loadTranslations(name: Language): Promise<void> {
  const [module, { texts }] = await Promise.all([
    part(() => import("./translations")),
    api.translations(name),
  ]);
  if (language.value === name) serverTexts.value = module.translations(texts);
}

function pluralOf(count: string | number | undefined): "one" | "other" {
  return new Intl.PluralRules(language.value).select(Number(count ?? 0)) === "one" ? "one" : "other";
}

const formats = new Map<string, Intl.NumberFormat>(); // to make one takes longer than to draw a small picture

export function formatNumber(value: number, options: Intl.NumberFormatOptions = {}): string {
  const key = language.value + JSON.stringify(options);
  const format =
    formats.get(key) ?? new Intl.NumberFormat(language.value, { maximumFractionDigits: 3, ...options });
  formats.set(key, format);
  return format.format(value);
}

/** A number with `digits` that count; its whole part is never rounded. */
export const formatFigure = (value: number, digits = 4): string =>
  formatNumber(
    value,
    Math.abs(value) < 10 ** digits ? { maximumSignificantDigits: digits } : { maximumFractionDigits: 0 },
  );

export function formatPercent(value: number): string {
  return formatNumber(value, { style: "percent", maximumFractionDigits: 0 });
}

export function formatBytes(bytes: number): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"];
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1);
  const value = bytes / 1000 ** power;
  return formatNumber(value, {
    style: "unit",
    unit: units[power],
    unitDisplay: power === 0 ? "long" : "short",
    maximumFractionDigits: value < 10 ? 1 : 0,
  });
}

/** 0.04 → "40 ms", 12.3 → "12 s", 340 → "5 min 40 s". */
export function formatDuration(seconds: number): string {
  const unit = (value: number, name: string, digits = 0) =>
    formatNumber(value, { style: "unit", unit: name, maximumFractionDigits: digits });
  if (seconds < 1) return unit(seconds * 1000, "millisecond");
  if (seconds < 10) return unit(seconds, "second", 1);
  const whole = Math.round(seconds);
  if (whole < 60) return unit(whole, "second");
  if (whole < 3600) return `${unit(Math.floor(whole / 60), "minute")} ${unit(whole % 60, "second")}`;
  return `${unit(Math.floor(whole / 3600), "hour")} ${unit(Math.floor((whole % 3600) / 60), "minute")}`;
}

export function formatTime(moment: string): string {
  return new Intl.DateTimeFormat(language.value, { dateStyle: "medium", timeStyle: "short" }).format(
    new Date(moment),
  );
}

/** A day as ISO text: "2024-03-01" → "Mar 1, 2024". */
export function formatDay(day: string): string {
  const format = new Intl.DateTimeFormat(language.value, { dateStyle: "medium", timeZone: "UTC" });
  return format.format(new Date(day));
}

export function formatAgo(moment: string): string {
  const seconds = (Date.parse(moment) - Date.now()) / 1000;
  const relative = new Intl.RelativeTimeFormat(language.value, { numeric: "auto" });
  if (seconds > -60) return relative.format(Math.round(Math.min(seconds, 0)), "second");
  if (seconds > -3600) return relative.format(Math.round(seconds / 60), "minute");
  if (seconds > -86400) return relative.format(Math.round(seconds / 3600), "hour");
  return relative.format(Math.round(seconds / 86400), "day");
}

/** "1st", "3rd"; in German "3.". */
export function formatOrdinal(n: number): string {
  if (language.value === "de") return `${n}.`;
  const suffixes = { one: "st", two: "nd", few: "rd", other: "th" } as const;
  const rule = new Intl.PluralRules("en", { type: "ordinal" }).select(n) as keyof typeof suffixes;
  return `${n}${suffixes[rule] ?? "th"}`;
}

function stored(): string | null {
  try {
    return localStorage.getItem("language");
  } catch {
    return null;
  }
}

/** Loads the messages of a topic in the reader's language; they follow it from then on. */
export async function loadTopic(topic: Topic): Promise<void> {
  usedTopics.add(topic);
  const loaded = await part(topic[language.value]);
  messages.value = { ...messages.value, ...loaded.messages };
}

export async function chooseLanguage(name: Language): Promise<void> {
  const used = [...usedTopics].map((topic) => topic[name]());
  const loaded = await Promise.all([loaders[name](), ...used]);
  messages.value = Object.assign({}, ...loaded.map((one) => one.messages));
  language.value = name;
  document.documentElement.lang = name;
  serverTexts.value = null;
  if (name !== "en") loadTranslations(name).catch(() => undefined); // the page reports a missing server itself
  try {
    localStorage.setItem("language", name);
  } catch {
    // storage is blocked: the choice lasts until the page is left
  }
}

export function preferredLanguage(): Language {
  const preferred = stored() ?? navigator.language.slice(0, 2);
  return preferred in languages ? (preferred as Language) : "en";
}
