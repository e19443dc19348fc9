import { Notes } from "../../components/results/notes";
import { StageHead } from "../../components/results/stage-head";
import { DataTable } from "../../components/tables/data-table";
import type { StageProps } from "../props";
import type { TableData } from "../shapes";

/** A table; as the answer, with its title and explanation. */
export function Table({ data, part, about }: StageProps<TableData>) {
  return (
    <div class="stage-main">
      <StageHead about={about} part={part} />
      <Notes of={data.notes} />
      <DataTable columns={data.columns} rows={data.rows} />
    </div>
  );
}
