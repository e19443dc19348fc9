import { ListChecks } from "lucide";
import { reviewAddress } from "../../api/reviews";
import type { JobReview } from "../../api/types";
import { formatNumber, formatPercent, formatTime, t } from "../../i18n";
import { Icon } from "../controls/icon";
import "./topic";

/** That an answer waits for a person, or who decided about it and why. */
export function ReviewState({ review }: { review: JobReview }) {
  const { status, confidence, reviewer, reason, decided_at, dataset_id, picture_id } = review;
  if (status === "waiting")
    return (
      <p class="review-state is-waiting" role="status">
        <Icon of={ListChecks} size={18} />
        <span>{t("reviews.waits", { share: confidence === null ? "–" : formatPercent(confidence) })}</span>
        <a href={reviewAddress(review.id)}>{t("reviews.decide")}</a>
      </p>
    );
  const decided = t("reviews.by", {
    status: t(`reviews.status.${status}`),
    name: reviewer ?? t("reviews.somebody"),
    date: formatTime(decided_at ?? ""),
  });
  return (
    <section class={`review-state is-${status}`} aria-label={t("reviews.decision")}>
      <Icon of={ListChecks} size={18} />
      <div>
        <p>
          <strong>{decided}</strong>
        </p>
        {reason && <p>{t("reviews.because", { reason })}</p>}
        {review.correction && <Corrected correction={review.correction} />}
        {dataset_id && picture_id && (
          <a href={`/datasets/${dataset_id}/label?picture=${picture_id}`}>{t("reviews.inDataset")}</a>
        )}
      </div>
    </section>
  );
}

interface CorrectedAnswer {
  label?: string;
  objects?: { label: string; box: number[] }[];
  predictions?: (string | number | null)[];
}

const MOST = 20;

function Corrected({ correction }: { correction: CorrectedAnswer }) {
  const { label, objects, predictions } = correction;
  return (
    <>
      <p>
        {t("reviews.corrected")}: {label !== undefined && <strong>{label}</strong>}
        {objects?.length === 0 && t("reviews.noObjects")}
        {predictions?.slice(0, MOST).map(String).join("; ")}
        {predictions && predictions.length > MOST && " …"}
      </p>
      {objects && objects.length > 0 && (
        <ul>
          {objects.map(({ label: name, box }) => (
            <li key={`${name} ${box}`}>
              {t("reviews.shown", { label: name, box: box.map((side) => formatNumber(side)).join(", ") })}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
