import { useState } from "preact/hooks";
import { formatNumber, t } from "../i18n";

type Cell = string | number | boolean | null;

interface DataTableProps {
  caption?: string;
  columns: { name: string; unit?: string }[];
  rows: Cell[][];
  firstRows?: number;
}

function written(value: Cell): string {
  if (value === null) return "–";
  if (typeof value === "number") return formatNumber(value, { maximumSignificantDigits: 5 });
  return String(value);
}

/** A table of any size: the first rows at once, the others when asked for. */
export function DataTable({ caption, columns, rows, firstRows = 20 }: DataTableProps) {
  const [isWhole, setWhole] = useState(false);
  const isNumber = columns.map(
    (_, index) => typeof rows.find((row) => row[index] !== null)?.[index] === "number",
  );
  const side = (index: number) => (isNumber[index] ? "is-number" : "");
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table is scrolled by keys too */}
      <div class="scroller" role="group" aria-label={caption ?? t("table.label")} tabIndex={0}>
        <table>
          {caption && <caption>{caption}</caption>}
          <thead>
            <tr>
              {columns.map(({ name, unit }, index) => (
                <th key={name} scope="col" class={side(index)}>
                  {name} {unit && <small>{unit}</small>}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {(isWhole ? rows : rows.slice(0, firstRows)).map((row, index) => (
              <tr key={index}>
                {row.map((cell, column) => (
                  <td key={columns[column]?.name ?? column} class={side(column)}>
                    {written(cell)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {rows.length > firstRows && (
        <button type="button" class="button is-quiet is-small" onClick={() => setWhole(!isWhole)}>
          {isWhole ? t("objects.fewer") : t("objects.all", { n: rows.length })}
        </button>
      )}
    </>
  );
}
