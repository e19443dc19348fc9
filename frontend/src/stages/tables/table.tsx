import { DataTable } from "../../components/tables/data-table";
import { langOf, said } from "../../i18n";
import type { TableData } from "../shapes";
import type { StageProps } from "../stage";

/** Rows under named columns; as the answer, under its name and with what it means. */
export function Table({ data, part, about }: StageProps<TableData>) {
  return (
    <div class="stage-main">
      {about && <h2 lang={langOf(about.title)}>{said(about.title)}</h2>}
      {about && part === "answer" && (
        <p class="hint" lang={langOf(about.explanation)}>
          {said(about.explanation)}
        </p>
      )}
      <DataTable columns={data.columns} rows={data.rows} />
    </div>
  );
}
