import { Play } from "lucide";
import { useId, useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import { api } from "../api/client";
import type { Model, ModelColumn, ModelColumns } from "../api/types";
import { onSubmit, useAction } from "../components/controls/action";
import { Icon } from "../components/controls/icon";
import { Problem } from "../components/controls/problem";
import { formatDay, formatNumber, t } from "../i18n";
import { isOutside, READING, type Row, rowFile, usualRow } from "./row";

interface RowFormProps {
  model: Model;
  input: string; // the name of the capability's table
  of: ModelColumns;
}

/** A form with a field for each column that a model predicts from; sent as a table of one row. */
export default function RowForm({ model, input, of }: RowFormProps) {
  const { route } = useLocation();
  const [row, setRow] = useState<Row>(() => usualRow(of.columns));
  const { isBusy, problem, run } = useAction();
  const predict = async () => {
    const upload = await api.createUpload(rowFile(of.columns, row));
    const job = await api.createJob({
      capability: model.capability,
      task: "predict",
      model: `${model.name}@${model.version}`,
      inputs: { [input]: upload.id },
      params: { ...READING },
    });
    route(`/r/${job.id}`);
  };
  return (
    <form class="row-form" onSubmit={onSubmit(() => run(predict))}>
      <p class="hint">{t("row.hint")}</p>
      <div class="row-fields">
        {of.columns.map((column) => (
          <RowField
            key={column.name}
            column={column}
            value={row[column.name] ?? ""}
            onInput={(value) => setRow({ ...row, [column.name]: value })}
          />
        ))}
      </div>
      <Problem text={problem} />
      <div class="actions">
        <button type="submit" class="button is-primary" disabled={isBusy}>
          <Icon of={Play} size={16} />
          {t("row.predict", { target: of.target ?? "" })}
        </button>
      </div>
    </form>
  );
}

interface RowFieldProps {
  column: ModelColumn;
  value: string;
  onInput: (value: string) => void;
}

function RowField({ column, value, onInput }: RowFieldProps) {
  const id = useId();
  const { name, type, smallest = null, largest = null } = column;
  const hasRange = smallest !== null && largest !== null && type !== "category";
  const control = { id, value, "aria-describedby": hasRange ? `${id}-hint` : undefined };
  const end = (value: number | string) =>
    typeof value === "number" ? formatNumber(value) : formatDay(value);
  return (
    <div class="field">
      <label for={id}>{name}</label>
      {type === "category" ? (
        <select {...control} onChange={(event) => onInput(event.currentTarget.value)}>
          <option value="">{t("row.missing")}</option>
          {(column.categories ?? []).map((category) => (
            <option key={category} value={category}>
              {category}
            </option>
          ))}
        </select>
      ) : (
        <input
          {...control}
          type={type}
          step={type === "number" ? "any" : undefined}
          onInput={(event) => onInput(event.currentTarget.value)}
        />
      )}
      {hasRange && (
        <p id={`${id}-hint`} class="hint" aria-live="polite">
          {t(isOutside(column, value) ? "row.outside" : "row.range", {
            from: end(smallest),
            to: end(largest),
          })}
        </p>
      )}
    </div>
  );
}
