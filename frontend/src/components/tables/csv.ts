export type Cell = string | number | boolean | null;

const FORMULA = /^[=+\-@\t\r]/;

/** A CSV file; a cell that a spreadsheet would run as a formula gets an apostrophe before it. */
export function csvOf(columns: string[], rows: Cell[][]): string {
  const written = (cell: Cell) => {
    if (cell === null) return "";
    if (typeof cell !== "string") return String(cell);
    const inert = FORMULA.test(cell) && Number.isNaN(Number(cell)) ? `'${cell}` : cell;
    return /[",\n\r]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
  };
  return [columns, ...rows].map((row) => `${row.map(written).join(",")}\n`).join("");
}
