import type { Part } from "../api/types";
import { formatNumber } from "./index";

type Value = number | string | boolean | null | { text: string; parts: Part[] };
type Messages = Record<string, Part[]>; // by JSON pointer

/** The server's texts in one language, by id. */
export interface Translations {
  /** The text of the first id that is known; null: none is. */
  label: (ids: string[]) => string | null;
  /** The texts of all parts with their values; null: one of them is unknown, and a half is never shown. */
  message: (parts: Part[]) => string | null;
  /** A stage's data with the texts that its `messages` list by JSON pointer, such as `/series/0/name`. */
  data: <Data>(data: Data) => Data;
}

const BLANK = /\{(\w+)(?:!r)?(?::([^}]*))?\}/g;

export function translations(texts: Record<string, string>): Translations {
  const textOf = (id: string): string | null => (Object.hasOwn(texts, id) ? texts[id] : null);

  function message(parts: Part[]): string | null {
    const sentences = parts.map(sentence);
    return sentences.includes(null) ? null : sentences.join(" ");
  }

  function sentence({ id, values }: Part): string | null {
    const text = textOf(id);
    if (text === null) return null;
    let isComplete = true;
    const filled = text.replace(BLANK, (_, name: string, format = "") => {
      const value = Object.hasOwn(values, name) ? valueText(values[name] as Value, format) : null;
      isComplete &&= value !== null;
      return value ?? "";
    });
    return isComplete ? filled : null;
  }

  function valueText(value: Value, format: string): string | null {
    if (format.includes("|")) return format.split("|")[Number(value !== 1)];
    if (typeof value === "number") return numberText(value, format);
    if (value === null || typeof value !== "object") return String(value);
    return value.parts.length > 0 ? message(value.parts) : value.text;
  }

  const copies = new WeakMap<object, unknown>(); // charts compare data by identity

  function data<Data>(english: Data): Data {
    const messages = (english as { messages?: Messages } | null)?.messages;
    if (!messages) return english;
    if (!copies.has(messages)) copies.set(messages, translated(structuredClone(english), messages));
    return copies.get(messages) as Data;
  }

  function translated<Data>(data: Data, messages: Messages): Data {
    for (const [pointer, parts] of Object.entries(messages)) {
      const keys = pointer.split("/").slice(1).map(unescaped);
      const last = keys.pop() ?? "";
      const holder = keys.reduce<unknown>((value, key) => (value as Record<string, unknown>)?.[key], data);
      const texts = holder as Record<string, unknown> | undefined;
      if (typeof texts?.[last] === "string") texts[last] = message(parts) ?? texts[last];
    }
    return data;
  }

  return { label: (ids) => ids.map(textOf).find((text) => text !== null) ?? null, message, data };
}

const unescaped = (key: string): string => key.replaceAll("~1", "/").replaceAll("~0", "~");

/** A number in the reader's language. A blank may carry Python's format: `{share:.1%}`, `{loss:.3g}`. */
function numberText(value: number, format: string): string {
  const [, digits, type] = /^,?(?:\.(\d+))?([%fge]?)$/.exec(format) ?? [];
  if (digits === undefined && type !== "%") return formatNumber(value, plainDigits(value));
  const count = Number(digits ?? 0);
  if (type === "g" || type === "e" || type === "")
    return formatNumber(value, {
      maximumSignificantDigits: Math.max(count + Number(type === "e"), 1),
      notation: type === "e" ? "scientific" : "standard",
      useGrouping: format.startsWith(","), // as in Python: 2015 may be a year
    });
  return formatNumber(value, {
    style: type === "%" ? "percent" : "decimal",
    minimumFractionDigits: count,
    maximumFractionDigits: count,
  });
}

/** Three decimals, or three digits of what would be rounded to nothing. */
const plainDigits = (value: number): Intl.NumberFormatOptions =>
  Math.abs(value) < 0.01 ? { maximumSignificantDigits: 3 } : {};
