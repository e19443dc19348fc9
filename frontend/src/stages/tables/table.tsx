import { Explained } from "../../components/glossary/explained";
import { Notes } from "../../components/results/notes";
import { DataTable } from "../../components/tables/data-table";
import { message } from "../../i18n";
import type { StageProps } from "../props";
import type { TableData } from "../shapes";

/** A table; as the answer, with its title and explanation. */
export function Table({ data, part, about }: StageProps<TableData>) {
  const title = message(about?.title_message, about?.title ?? "");
  const explanation = message(about?.explanation_message, about?.explanation ?? "");
  return (
    <div class="stage-main">
      {about && <h2 lang={title.lang}>{title.text}</h2>}
      {about && part === "answer" && (
        <p class="hint" lang={explanation.lang}>
          <Explained text={explanation.text} />
        </p>
      )}
      <Notes of={data.notes} />
      <DataTable columns={data.columns} rows={data.rows} />
    </div>
  );
}
