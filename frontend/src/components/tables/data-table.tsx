import { ChevronLeft, ChevronRight, Download } from "lucide";
import { useRef, useState } from "preact/hooks";
import { formatFigure, t } from "../../i18n";
import { Icon } from "../controls/icon";
import { saveFile } from "../controls/save-file";
import { SavePicture } from "../pictures/save-picture";
import { type Cell, csvOf } from "./csv";

interface DataTableProps {
  caption?: string;
  columns: { name: string; unit?: string }[];
  rows: Cell[][];
  pageRows?: number;
}

const COMPUTED_LENGTH = 8; // of a number as text

function written(value: Cell): string {
  if (value === null) return "–";
  // what was computed has a long tail of digits; what a table holds is shown as it is
  if (typeof value === "number") return formatFigure(value, String(value).length > COMPUTED_LENGTH ? 4 : 6);
  return String(value);
}

/** A table of any size, page by page, and as a CSV file. */
export function DataTable({ caption, columns, rows, pageRows = 20 }: DataTableProps) {
  const place = useRef<HTMLDivElement>(null);
  const [page, setPage] = useState(0);
  const last = Math.max(Math.ceil(rows.length / pageRows) - 1, 0);
  const at = Math.min(page, last);
  const start = at * pageRows;
  const shown = rows.slice(start, start + pageRows);
  const isNumber = columns.map(
    (_, index) => typeof rows.find((row) => row[index] !== null)?.[index] === "number",
  );
  const side = (index: number) => (isNumber[index] ? "is-number" : "");
  const save = () => {
    const head = columns.map(({ name, unit }) => (unit ? `${name} (${unit})` : name));
    saveFile(new Blob([csvOf(head, rows)], { type: "text/csv" }), `${caption ?? t("table.label")}.csv`);
  };
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table is scrolled by keys too */}
      <div ref={place} class="scroller" role="group" aria-label={caption ?? t("table.label")} tabIndex={0}>
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
            {shown.map((row, index) => (
              <tr key={start + index}>
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
      <div class="with-button table-foot">
        {last > 0 && (
          <>
            <button
              type="button"
              class="tool"
              aria-disabled={at === 0} // not disabled: that would take the focus away
              aria-label={t("table.back")}
              onClick={() => setPage(Math.max(at - 1, 0))}
            >
              <Icon of={ChevronLeft} />
            </button>
            <span class="hint" role="status">
              {t("table.rows", { from: start + 1, to: start + shown.length, total: rows.length })}
            </span>
            <button
              type="button"
              class="tool"
              aria-disabled={at === last}
              aria-label={t("table.next")}
              onClick={() => setPage(Math.min(at + 1, last))}
            >
              <Icon of={ChevronRight} />
            </button>
          </>
        )}
        <button type="button" class="button is-quiet is-small" onClick={save}>
          <Icon of={Download} />
          CSV
        </button>
        <SavePicture of={place} name={caption ?? t("table.label")} />
      </div>
    </>
  );
}
