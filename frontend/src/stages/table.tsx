import { DataTable } from "../components/data-table";
import type { TableData } from "./shapes";
import type { StageProps } from "./stage";

/** Rows under named columns. */
export function Table({ data }: StageProps<TableData>) {
  return (
    <div class="stage-main">
      <DataTable columns={data.columns} rows={data.rows} />
    </div>
  );
}
