import { useState } from "preact/hooks";
import type { TableColumn, TableReport } from "../../api/types";
import { typesIn, type Value, type Values } from "../../form/schema";
import type { ReadTable } from "../../form/table";
import { TypeChoice } from "../../form/type-choice";
import { formatFigure, formatNumber, message, t } from "../../i18n";

const FIRST_COLUMNS = 16;
const FIRST_PROBLEMS = 5;
const TOP_VALUES = 3;
const DELIMITERS: Record<string, string> = { "\t": "⇥", " ": "␣" };

interface ReportProps {
  table: TableReport;
  types: Record<string, string>; // of the columns whose type the user has set
  onTypes: ((types: Value) => void) | null; // null: they cannot be
  onCorrect: ReadTable["correct"];
  nameOf: ReadTable["nameOf"];
}

/** The columns of a table with their values, and the problems found. */
export function Report({ table, types, onTypes, onCorrect, nameOf }: ReportProps) {
  const [isWhole, setWhole] = useState(false);
  const { columns } = table;
  const shown = isWhole ? columns : columns.slice(0, FIRST_COLUMNS);
  return (
    <>
      <p>
        {t("report.size", { rows: table.rows, n: columns.length })}{" "}
        <span class="hint">
          {table.sheets.length > 0
            ? t("report.workbook", { encoding: table.encoding })
            : t("report.read", {
                delimiter: DELIMITERS[table.delimiter] ?? table.delimiter,
                encoding: table.encoding,
              })}{" "}
          {!table.has_header && t("report.noHeader")}
        </span>
      </p>
      {table.sheets.length > 1 && onCorrect && (
        <label class="report-sheet">
          {nameOf("sheet").title.text}{" "}
          <select value={table.sheet} onChange={(event) => onCorrect({ sheet: event.currentTarget.value })}>
            {table.sheets.map((sheet) => (
              <option key={sheet}>{sheet}</option>
            ))}
          </select>
        </label>
      )}
      <Problems table={table} onCorrect={onCorrect} nameOf={nameOf} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table is scrolled by keys too */}
      <div class="scroller" role="group" aria-label={t("report.title")} tabIndex={0}>
        <table class="report">
          <thead>
            <tr>
              <th scope="col">{t("report.column")}</th>
              <th scope="col">{t("report.values")}</th>
              <th scope="col" class="is-number">
                {t("report.missing")}
              </th>
              <th scope="col" class="is-number">
                {t("report.distinct")}
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((column) => (
              <tr key={column.name}>
                <th scope="row">
                  {column.name}
                  {column.unit && !column.name.includes(column.unit) && ` (${column.unit})`}{" "}
                  {onTypes ? (
                    <TypeChoice column={column} types={types} onInput={onTypes} />
                  ) : (
                    <small>{t(`column.${column.type}`)}</small>
                  )}
                </th>
                <td class="report-values">
                  <Bars counts={column.histogram?.counts ?? []} />
                  <small>{spanOf(column)}</small>
                </td>
                <td class={`is-number${column.missing + column.wrong > 0 ? " is-warned" : ""}`}>
                  {formatNumber(column.missing + column.wrong)}
                </td>
                <td class="is-number">{formatNumber(column.distinct)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {columns.length > FIRST_COLUMNS && (
        <button type="button" class="button is-quiet is-small" onClick={() => setWhole(!isWhole)}>
          {isWhole ? t("objects.fewer") : t("objects.all", { n: columns.length })}
        </button>
      )}
    </>
  );
}

/** The range of the values, or the most frequent ones: the bars as text. */
export function spanOf({ smallest, largest, histogram }: TableColumn): string {
  const written = (end: string | number) =>
    typeof end === "number" ? formatFigure(end, 5) : end.replace("T00:00:00", "");
  if (smallest !== null && largest !== null) return `${written(smallest)} … ${written(largest)}`;
  const texts = histogram?.words ?? [];
  const named = texts.slice(0, TOP_VALUES).map((value, index) => {
    const short = value.length > 24 ? `${value.slice(0, 23)}…` : value;
    return `${short} ${formatNumber(histogram?.counts[index] ?? 0)}`;
  });
  return [...named, ...(texts.length > TOP_VALUES ? ["…"] : [])].join(", ");
}

const BAR = 5;
const TALLEST = 22;

function Bars({ counts }: { counts: number[] }) {
  const most = Math.max(...counts, 1);
  return (
    <svg
      class="bars-small"
      viewBox={`0 0 ${20 * BAR} ${TALLEST}`}
      width={20 * BAR}
      height={TALLEST}
      aria-hidden="true"
    >
      {counts.map((count, index) => {
        const height = count > 0 ? Math.max((count / most) * TALLEST, 1) : 0;
        return <rect key={index} x={index * BAR} y={TALLEST - height} width={BAR - 1} height={height} />;
      })}
    </svg>
  );
}

type ProblemsProps = Pick<ReportProps, "table" | "onCorrect" | "nameOf">;

function Problems({ table: { problems, problems_total }, onCorrect, nameOf }: ProblemsProps) {
  if (problems.length === 0) return null;
  const listed = (some: TableReport["problems"]) => (
    <ul>
      {some.map(({ row, column, what, what_message, correction }, index) => {
        const shown = message(what_message, what);
        return (
          <li key={index}>
            {placeOf(row, column)}
            <span lang={shown.lang}>{shown.text}</span>
            {correction && onCorrect && (
              <button
                type="button"
                class="button is-quiet is-small"
                onClick={() => onCorrect(correction as Values)}
              >
                {t("report.correct", { how: correctionText(correction as Values, nameOf) })}
              </button>
            )}
          </li>
        );
      })}
    </ul>
  );
  return (
    <div class="report-problems">
      <strong>{t("report.problems", { n: problems_total })}</strong>
      {listed(problems.slice(0, FIRST_PROBLEMS))}
      {problems.length > FIRST_PROBLEMS && (
        <details>
          <summary>{t("objects.all", { n: problems.length })}</summary>
          {listed(problems.slice(FIRST_PROBLEMS))}
        </details>
      )}
    </div>
  );
}

/** Where a problem is: "Row 3, column age: ", or nothing. */
function placeOf(row: number | null, column: string | null): string {
  const places = [
    row === null ? "" : t("report.row", { n: String(row) }),
    column === null ? "" : t("report.ofColumn", { name: column }),
  ];
  const place = places.filter(Boolean).join(", ");
  return place && `${place.charAt(0).toUpperCase()}${place.slice(1)}: `;
}

/** What a correction sets, by the names that the form has: `Decimal separator: comma`. */
export function correctionText(correction: Values, nameOf: ReadTable["nameOf"]): string {
  const [option, value] = Object.entries(correction)[0] ?? ["", null];
  const { title, choice } = nameOf(option);
  if (option === "types") {
    const [kind] = Object.values(typesIn(value));
    return `${title.text}: ${t(kind === "text" ? "type.text" : (`column.${kind}` as "column.number"))}`;
  }
  return `${title.text}: ${Array.isArray(value) ? value.join(", ") : choice(value)}`;
}
