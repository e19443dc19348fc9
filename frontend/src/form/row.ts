import type { ModelColumn } from "../api/types";
import { csvOf } from "../components/tables/csv";

/** The values of one row as they were typed; empty: missing. */
export type Row = Readonly<Record<string, string>>;

/** How the page writes its table, whatever the table of the model was like. */
export const READING = {
  delimiter: "comma",
  decimal: "point",
  header: "first row",
  encoding: "utf-8",
} as const;

/** What the model would take for a row without any information. */
export const usualRow = (columns: ModelColumn[]): Row =>
  Object.fromEntries(columns.map(({ name, usual }) => [name, written(usual)]));

/** A number with six significant digits, as a form can show it. */
export const written = (value: number | string): string =>
  typeof value === "number" ? String(Number(value.toPrecision(6))) : value;

/** A table of one row. */
export function rowFile(columns: ModelColumn[], row: Row): File {
  const names = columns.map(({ name }) => name);
  const cells = columns.map(({ name, type }) => {
    const text = row[name] ?? "";
    if (text === "") return null;
    return type === "number" ? Number(text) : text;
  });
  return new File([`${csvOf(names, [])}${lineOf(cells)}`], "row.csv", { type: "text/csv" });
}

/** Quotes keep a row of a single missing value from being a blank line. */
const lineOf = (cells: (string | number | null)[]): string =>
  cells.every((cell) => cell === null) ? `${cells.map(() => '""').join(",")}\n` : csvOf([], [cells]).slice(1);

/** Whether the value lies outside the training rows, so that a prediction would extrapolate. */
export function isOutside({ type, smallest = null, largest = null }: ModelColumn, text: string): boolean {
  if (type === "category" || text === "" || smallest === null || largest === null) return false;
  const value = type === "number" ? Number(text) : text;
  return value < (smallest as typeof value) || value > (largest as typeof value);
}
