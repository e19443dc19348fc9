import { useState } from "preact/hooks";
import { formatNumber, t } from "../../i18n";
import type { BoxItem } from "../../stages/shapes";
import type { View } from "../workbench/view";
import { BoxButton, rowOf } from "./box-button";
import type { BoxScene } from "./box-scene";

const FIRST_ROWS = 10;
const two = (value: number) => formatNumber(value, { minimumFractionDigits: 2, maximumFractionDigits: 2 });

interface CandidateTableProps {
  scene: BoxScene;
  view: View;
  items: BoxItem[];
  /** Suppressed boxes list the box that suppressed them, candidates their outcome. */
  isSuppressed: boolean;
}

export function CandidateTable({ scene, view, items, isSuppressed }: CandidateTableProps) {
  const [isWhole, setWhole] = useState(false);
  if (items.length === 0) return <p class="empty">{t("candidates.none")}</p>;
  const hasObjectness = !isSuppressed && items.some((item) => item.objectness != null);
  return (
    <>
      <div class="scroller">
        <table class="objects">
          <thead>
            <tr>
              <th scope="col">{t("candidates.box")}</th>
              <th scope="col" class="is-number">
                {t("objects.score")}
              </th>
              {hasObjectness && (
                <th scope="col" class="is-number">
                  {t("candidates.objectness")}
                </th>
              )}
              <th scope="col">{isSuppressed ? t("candidates.droppedBy") : t("candidates.fate")}</th>
              {isSuppressed && (
                <th scope="col" class="is-number">
                  IoU
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {(isWhole ? items : items.slice(0, FIRST_ROWS)).map((item) => (
              <CandidateRow key={item.id} {...{ item, scene, view, isSuppressed, hasObjectness }} />
            ))}
          </tbody>
        </table>
      </div>
      {items.length > FIRST_ROWS && (
        <button type="button" class="button is-quiet is-small" onClick={() => setWhole(!isWhole)}>
          {isWhole ? t("objects.fewer") : t("objects.all", { n: items.length })}
        </button>
      )}
    </>
  );
}

interface CandidateRowProps {
  item: BoxItem;
  scene: BoxScene;
  view: View;
  isSuppressed: boolean;
  hasObjectness: boolean;
}

function CandidateRow({ item, scene, view, isSuppressed, hasObjectness }: CandidateRowProps) {
  const verdict = scene.outcome.verdicts.get(item.id);
  return (
    <tr {...rowOf(item, view)}>
      <td>
        <BoxButton item={item} scene={scene} view={view}>
          {item.id} {item.label}
        </BoxButton>
      </td>
      <td class="is-number">{two(item.score)}</td>
      {hasObjectness && <td class="is-number">{item.objectness == null ? "" : two(item.objectness)}</td>}
      <td>{verdict && (isSuppressed ? keeperOf(verdict.by, scene) : t(`candidates.${verdict.status}`))}</td>
      {isSuppressed && <td class="is-number">{verdict?.iou != null ? two(verdict.iou) : ""}</td>}
    </tr>
  );
}

function keeperOf(id: number | null, scene: BoxScene): string {
  const keeper = id === null ? undefined : scene.byId.get(id);
  return keeper ? `${named(keeper)} ${two(keeper.score)}` : "";
}

const named = ({ id, label }: BoxItem): string => `${id} ${label}`;

/** Why the selected box is or is not in the answer. */
export function Verdict({ scene, view }: { scene: BoxScene; view: View }) {
  const item = view.chosen.value === null ? undefined : scene.byId.get(view.chosen.value);
  const verdict = item && scene.outcome.verdicts.get(item.id);
  if (!item || !verdict) return <p class="verdict hint">{t("verdict.choose")}</p>;
  const own = { label: named(item), score: two(item.score) };
  const keeper = verdict.by === null ? undefined : scene.byId.get(verdict.by);
  const text = keeper
    ? t(keeper.label === item.label ? "verdict.suppressed" : "verdict.suppressedAcross", {
        ...own,
        by: named(keeper),
        byScore: two(keeper.score),
        iou: two(verdict.iou ?? 0),
        limit: two(keeper.label === item.label ? scene.iou : scene.iouAcross),
      })
    : verdict.status === "kept"
      ? t("verdict.kept", { ...own, count: scene.dropped.get(item.id) ?? 0 })
      : t("verdict.below", { ...own, limit: two(scene.score) });
  return (
    <p class="verdict" role="status">
      {text}
    </p>
  );
}
