import { CircleAlert } from "lucide";
import { ApiError } from "../../../api/client";
import type { DatasetPicture } from "../../../api/types";
import { t } from "../../../i18n";
import type { SaveStatus } from "../../../labeling/saving";
import { annotationOf } from "../../../labeling/state";
import { Icon } from "../../controls/icon";
import { errorText } from "../../shell/problem-texts";
import type { SavedLabels } from "../use-saver";

/** Whether the labels are saved, in a word. */
export function SaveState({ status }: { status: SaveStatus<DatasetPicture> }) {
  return (
    <p class={`label-saved is-${status.name}`} role="status">
      {t(`labeling.save.${status.name}`)}
    </p>
  );
}

/** What keeps the labels from being saved, and the choice that the user has. */
export function SaveProblem({ labels }: { labels: SavedLabels }) {
  const { status, saver, state, dispatch } = labels;
  if (status.name === "refused")
    return (
      <div class="notice" role="alert">
        <Icon of={CircleAlert} size={20} />
        <div>
          <p>
            <strong>{t("labeling.refusedTitle")}</strong>
          </p>
          <p>{status.error instanceof ApiError ? errorText(status.error) : String(status.error)}</p>
        </div>
      </div>
    );
  if (status.name !== "conflict") return null;
  const own = annotationOf(state.now);
  const other = status.current.annotation;
  return (
    <div class="notice is-unlike" role="alert">
      <Icon of={CircleAlert} size={20} />
      <div>
        <p>
          <strong>{t("labeling.conflictTitle")}</strong>
        </p>
        <p>{t("labeling.conflictHint", { own: summary(own), other: summary(other) })}</p>
        <div class="actions">
          <button type="button" class="button is-small" onClick={() => saver.keepOwn()}>
            {t("labeling.keepOwn")}
          </button>
          <button
            type="button"
            class="button is-small"
            onClick={() => dispatch({ type: "replace", annotation: saver.takeOther() })}
          >
            {t("labeling.takeOther")}
          </button>
        </div>
      </div>
    </div>
  );
}

function summary(annotation: DatasetPicture["annotation"]): string {
  if (!annotation) return t("labeling.unlabeled");
  const objects = annotation.objects ?? [];
  const count = t("labeling.objects", { n: objects.length });
  return annotation.label ? `${annotation.label}${objects.length ? `, ${count}` : ""}` : count;
}
