import type { ReadTable } from "../../form/table";
import { t } from "../../i18n";
import { useLoaded } from "../controls/loaded";
import { Notice } from "../shell/notice";

interface TableViewProps {
  table: ReadTable;
}

/** A table's report as it comes. */
export function TableView({ table }: TableViewProps) {
  const Report = useLoaded(() => import("./table-report"))?.Report;
  if (table.error) return <Notice error={table.error} onRetry={table.reload} />;
  if (!table.data || !Report)
    return (
      <p class="hint" role="status">
        {t("report.reading")}
      </p>
    );
  return (
    <Report
      table={table.data}
      types={table.types}
      onTypes={table.setTypes}
      onCorrect={table.correct}
      nameOf={table.nameOf}
    />
  );
}
