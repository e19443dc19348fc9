import { useId, useState } from "preact/hooks";
import type { Dataset, Split } from "../../api/types";
import { t } from "../../i18n";
import { ConfirmButton } from "../controls/confirm-button";
import type { Pictures } from "./use-pictures";

interface SelectionBarProps {
  dataset: Dataset;
  count: number;
  total: number;
  pictures: Pictures;
  onAll: () => void;
  onClear: () => void;
  onClass: (label: string | null) => void;
  onSplit: (split: Split | null) => void;
  onDelete: () => void;
}

const SPLITS: Split[] = ["train", "validation", "test"];

/** How many pictures are selected, and what can be done with them. */
export function SelectionBar(props: SelectionBarProps) {
  const { dataset, count, total, pictures, onAll, onClear, onClass, onSplit, onDelete } = props;
  const { progress, problem } = pictures;
  const isBusy = progress !== null;
  return (
    <div class={`selection${count > 0 ? " is-open" : ""}`}>
      <div class="actions">
        <span role="status">
          {progress
            ? t("picture.busy", { n: progress.done, total: progress.total })
            : count > 0
              ? t("picture.selected", { n: count })
              : t("picture.shown", { n: total })}
        </span>
        <button type="button" class="button is-small is-quiet" onClick={onAll} disabled={count === total}>
          {t("picture.selectAll")}
        </button>
        {count > 0 && (
          <>
            <button type="button" class="button is-small is-quiet" onClick={onClear}>
              {t("picture.unselect")}
            </button>
            <ConfirmButton
              title={t("action.delete")}
              question={t("picture.reallyDelete", { n: count })}
              onConfirm={onDelete}
              isSmall
            />
          </>
        )}
      </div>
      {count > 0 && (
        <div class="selection-forms">
          {dataset.kind === "classes" && <AssignClass dataset={dataset} isBusy={isBusy} onClass={onClass} />}
          <select
            aria-label={t("picture.assignSplit")}
            value=""
            disabled={isBusy}
            onChange={(event) => {
              const { value } = event.currentTarget;
              event.currentTarget.value = "";
              onSplit(value === "auto" ? null : (value as Split));
            }}
          >
            <option value="" disabled>
              {t("picture.setSplit")}
            </option>
            {[...SPLITS, "auto" as const].map((split) => (
              <option key={split} value={split}>
                {t(`split.${split}`)}
              </option>
            ))}
          </select>
        </div>
      )}
      {problem && (
        <p class="error" role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}

interface AssignClassProps {
  dataset: Dataset;
  isBusy: boolean;
  onClass: (label: string | null) => void;
}

/** A class that exists, or a new one. */
function AssignClass({ dataset, isBusy, onClass }: AssignClassProps) {
  const id = useId();
  const [name, setName] = useState("");
  const assign = (event: Event) => {
    event.preventDefault();
    onClass(name.trim() || null);
  };
  return (
    <form class="with-button" onSubmit={assign}>
      <input
        type="text"
        list={id}
        maxLength={100}
        value={name}
        placeholder={t("picture.noClass")}
        aria-label={t("picture.newClass")}
        onInput={(event) => setName(event.currentTarget.value)}
      />
      <datalist id={id}>
        {dataset.classes.map((one) => (
          <option key={one.name} value={one.name} />
        ))}
      </datalist>
      <button type="submit" class="button is-small" disabled={isBusy}>
        {t("picture.assign")}
      </button>
    </form>
  );
}
