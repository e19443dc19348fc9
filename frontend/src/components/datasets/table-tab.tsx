import { useState } from "preact/hooks";
import { useTableUpload } from "../../api/datasets";
import type { Dataset } from "../../api/types";
import type { Values } from "../../form/schema";
import { useTable } from "../../form/table";
import { t } from "../../i18n";
import { Notice } from "../shell/notice";
import { TableView } from "../tables/table-view";

/** The columns of a dataset that is a table, and its problems. */
export function TableTab({ dataset }: { dataset: Dataset }) {
  const upload = useTableUpload(dataset.id);
  const [values, setValues] = useState<Values>({});
  const table = useTable(upload.data, {}, values, setValues);
  return (
    <section class="card" aria-labelledby="table-title">
      <h2 id="table-title">{t("dataset.tab.table")}</h2>
      {upload.error && <Notice error={upload.error} onRetry={upload.reload} />}
      {upload.data && <TableView table={table} />}
    </section>
  );
}
