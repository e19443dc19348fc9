import { signal } from "@preact/signals";
import { api } from "../api/client";
import type { Messages } from "./en";

export type Key = keyof Messages;
export type Language = "en" | "de";
export const languages: Record<Language, string> = { en: "English", de: "Deutsch" };

const loaders: Record<Language, () => Promise<{ messages: Messages }>> = {
  en: () => import("./en"),
  de: () => import("./de"),
};

export const language = signal<Language>("en");
const messages = signal<Messages | null>(null);
const translate = signal<(text: string) => string | null>(() => null);

type Values = Record<string, string | number>;

/** The message of `key` in the reader's language; `{name}` is filled in, `n` chooses the plural. */
export function t(key: Key, values: Values = {}): string {
  const message = messages.value?.[key] ?? key;
  const text = typeof message === "string" ? message : message[pluralOf(values.n)];
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    return typeof value === "number" ? formatNumber(value) : (value ?? whole);
  });
}

/** What the server says, in the reader's language as far as it is known in that. */
export const said = (text: string): string => translate.value(text) ?? text;

/** The language of what `said` gives, where it is not that of the page. */
export const langOf = (text: string): "en" | undefined =>
  language.value === "en" || translate.value(text) !== null ? undefined : "en";

/** Texts come after the page: until then, or where the server has none, they are English. */
async function loadTexts(name: Language): Promise<void> {
  const [{ translator }, { texts }] = await Promise.all([import("./texts"), api.translations(name)]);
  if (language.value === name) translate.value = translator(texts);
}

function pluralOf(count: string | number | undefined): "one" | "other" {
  return new Intl.PluralRules(language.value).select(Number(count ?? 0)) === "one" ? "one" : "other";
}

export function formatNumber(value: number, options: Intl.NumberFormatOptions = {}): string {
  return new Intl.NumberFormat(language.value, { maximumFractionDigits: 3, ...options }).format(value);
}

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

export function formatAgo(moment: string): string {
  const seconds = (Date.parse(moment) - Date.now()) / 1000;
  const relative = new Intl.RelativeTimeFormat(language.value, { numeric: "auto" });
  if (seconds > -60) return relative.format(Math.round(Math.min(seconds, 0)), "second");
  if (seconds > -3600) return relative.format(Math.round(seconds / 60), "minute");
  if (seconds > -86400) return relative.format(Math.round(seconds / 3600), "hour");
  return relative.format(Math.round(seconds / 86400), "day");
}

/** "1st", "3rd"; German says "3.". */
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

export async function chooseLanguage(name: Language): Promise<void> {
  const loaded = await loaders[name]();
  messages.value = loaded.messages;
  language.value = name;
  document.documentElement.lang = name;
  translate.value = () => null;
  if (name !== "en") loadTexts(name).catch(() => undefined); // no server: the page says so itself
  try {
    localStorage.setItem("language", name);
  } catch {
    // storage is blocked: the choice lasts until the page is left
  }
}

export function preferredLanguage(): Language {
  const wanted = stored() ?? navigator.language.slice(0, 2);
  return wanted in languages ? (wanted as Language) : "en";
}
