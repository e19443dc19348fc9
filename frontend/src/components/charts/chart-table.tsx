import { useState } from "preact/hooks";
import { t } from "../../i18n";
import type { Cell } from "../tables/csv";
import { DataTable } from "../tables/data-table";

interface ChartTableProps {
  tables: () => { caption: string; columns: string[]; rows: Cell[][] }[];
}

/** A chart's numbers, computed when they are first shown. */
export function ChartTable({ tables }: ChartTableProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t("chart.table")}</summary>
      {isOpen &&
        tables().map(({ caption, columns, rows }) => (
          <DataTable
            key={caption}
            caption={caption}
            columns={columns.map((name) => ({ name }))}
            rows={rows}
          />
        ))}
    </details>
  );
}
