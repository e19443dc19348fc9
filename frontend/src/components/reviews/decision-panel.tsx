import { Check, Pencil, X } from "lucide";
import type { RefObject } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { ApiError } from "../../api/client";
import { datasets } from "../../api/datasets";
import { firstItems } from "../../api/lists";
import { useResource } from "../../api/resource";
import { type Decision, reviews } from "../../api/reviews";
import type { Job, Review } from "../../api/types";
import { t } from "../../i18n";
import { Icon } from "../controls/icon";
import { errorText } from "../shell/problem-texts";
import { correctionOf, type Draft, draftOf, fittingKinds, isChanged } from "./answer-form";
import { Correction } from "./correction";
import { keepReviewer, keptReviewer } from "./reviewer";

/** What keys do, wherever the focus is. */
export interface Acts {
  confirm: () => void;
  correct: () => void;
  reject: () => void;
}

interface DecisionPanelProps {
  review: Review;
  job: Job;
  acts: RefObject<Acts | null>;
  /** `notice`: what happened, in a sentence. */
  onSettled: (review: Review, notice: string) => void;
}

type Form = "corrected" | "rejected";

/** Confirms, corrects or rejects an answer that waits, with the reviewer's name and reason. */
export function DecisionPanel({ review, job, acts, onSettled }: DecisionPanelProps) {
  const id = useId();
  const name = useRef<HTMLInputElement>(null);
  const place = useRef<HTMLFormElement>(null);
  const [reviewer, setReviewer] = useState(keptReviewer);
  const [form, setForm] = useState<Form | null>(null);
  const [draft, setDraft] = useState<Draft | null>(() => draftOf(job));
  const [reason, setReason] = useState("");
  const [dataset, setDataset] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    const first = form === "corrected" ? "[data-first]" : `#${CSS.escape(`${id}-reason`)}`;
    if (form) place.current?.querySelector<HTMLElement>(first)?.focus();
  }, [form]);

  const isNamed = (): boolean => {
    if (reviewer.trim()) return true;
    setProblem(t("reviews.needsName"));
    name.current?.focus();
    return false;
  };
  const send = async (body: Decision) => {
    if (isBusy || !isNamed()) return;
    setBusy(true);
    setProblem(null);
    keepReviewer(reviewer);
    try {
      const decided = await reviews.decide(review.id, { reviewer: reviewer.trim(), ...body });
      onSettled(decided, t(`reviews.done.${body.decision}`));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const { current } = error.problem as { current?: Review };
      if (current) onSettled(current, takenBy(current));
      else setProblem(errorText(error));
    } finally {
      setBusy(false);
    }
  };
  const open = (next: Form) => {
    setProblem(next === "corrected" && !draft ? t("reviews.notCorrectable") : null);
    if (next === "rejected" || draft) setForm(next);
  };
  acts.current = {
    confirm: () => void send({ decision: "confirmed" }),
    correct: () => open("corrected"),
    reject: () => open("rejected"),
  };
  useEffect(
    () => () => {
      acts.current = null;
    },
    [],
  );

  const submit = (event: Event) => {
    event.preventDefault();
    if (form === "rejected") return void send({ decision: "rejected", reason });
    if (!draft) return;
    if (!isChanged(draft, job)) return setProblem(t("reviews.unchanged"));
    void send({
      decision: "corrected",
      reason,
      correction: correctionOf(draft, job),
      ...(dataset && { dataset_id: dataset }),
    });
  };
  return (
    <section class="card review-decision" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{t("reviews.decision")}</h2>
      <div class="review-acts">
        <div class="field">
          <label for={`${id}-name`}>{t("reviews.reviewer")}</label>
          <input
            ref={name}
            id={`${id}-name`}
            type="text"
            maxLength={120}
            autocomplete="name"
            aria-describedby={`${id}-hint`}
            value={reviewer}
            onInput={(event) => setReviewer(event.currentTarget.value)}
          />
        </div>
        <div class="actions">
          <button type="button" class="button is-primary" disabled={isBusy} onClick={acts.current.confirm}>
            <Icon of={Check} size={16} />
            {t("reviews.confirm")} <kbd>1</kbd>
          </button>
          <button
            type="button"
            class="button"
            aria-expanded={form === "corrected"}
            disabled={isBusy}
            onClick={acts.current.correct}
          >
            <Icon of={Pencil} size={16} />
            {t("reviews.correct")} <kbd>2</kbd>
          </button>
          <button
            type="button"
            class="button"
            aria-expanded={form === "rejected"}
            disabled={isBusy}
            onClick={acts.current.reject}
          >
            <Icon of={X} size={16} />
            {t("reviews.reject")} <kbd>3</kbd>
          </button>
        </div>
      </div>
      {form && (
        <form
          ref={place}
          class="review-form"
          onSubmit={submit}
          onKeyDown={(event) => {
            if (event.key === "Escape") setForm(null);
          }}
        >
          {form === "corrected" && draft && <Correction job={job} draft={draft} onChange={setDraft} />}
          {form === "corrected" && draft?.form === "predictions" && (
            <p class="hint">{t("reviews.rowsShown", { shown: draft.rows.length, n: rowsOf(job) })}</p>
          )}
          <div class="field">
            <label for={`${id}-reason`}>{t("reviews.reason")}</label>
            <input
              id={`${id}-reason`}
              type="text"
              required
              pattern=".*\S.*"
              maxLength={2000}
              value={reason}
              onInput={(event) => setReason(event.currentTarget.value)}
            />
          </div>
          {form === "corrected" && draft && fittingKinds(draft).length > 0 && (
            <DatasetField draft={draft} chosen={dataset} onChoose={setDataset} />
          )}
          <div class="actions">
            <button type="submit" class="button is-primary" disabled={isBusy}>
              {t(form === "corrected" ? "reviews.sendCorrection" : "reviews.sendRejection")}
            </button>
            <button type="button" class="button is-quiet" onClick={() => setForm(null)}>
              {t("action.cancel")}
            </button>
          </div>
        </form>
      )}
      {problem && (
        <p class="error" role="alert">
          {problem}
        </p>
      )}
      <p class="hint">
        <span id={`${id}-hint`}>{t("reviews.reviewerHint")}</span>{" "}
        {t("reviews.keys", {
          confirm: `1 ${t("reviews.confirm")}`,
          correct: `2 ${t("reviews.correct")}`,
          reject: `3 ${t("reviews.reject")}`,
        })}
      </p>
    </section>
  );
}

const rowsOf = (job: Job): number => (job.result as { predictions?: unknown[] }).predictions?.length ?? 0;

const takenBy = ({ reviewer, status }: Review): string =>
  t("reviews.taken", {
    name: reviewer ?? t("reviews.somebody"),
    status: t(`reviews.status.${status}`),
  });

const MOST = 500;

interface DatasetFieldProps {
  draft: Draft;
  chosen: string;
  onChoose: (id: string) => void;
}

/** The dataset that the corrected picture joins, if any. */
function DatasetField({ draft, chosen, onChoose }: DatasetFieldProps) {
  const id = useId();
  const list = useResource("datasets", (signal) => firstItems((page) => datasets.list(page, signal), MOST));
  const kinds = fittingKinds(draft);
  const fitting = list.data?.items.filter(({ kind }) => kinds.includes(kind)) ?? [];
  return (
    <div class="field">
      <label for={id}>{t("reviews.dataset")}</label>
      <select id={id} value={chosen} onChange={(event) => onChoose(event.currentTarget.value)}>
        <option value="">{t("reviews.noDataset")}</option>
        {fitting.map((one) => (
          <option key={one.id} value={one.id}>
            {one.name}
          </option>
        ))}
      </select>
      {list.data && fitting.length === 0 && <p class="hint">{t("reviews.noFitting")}</p>}
    </div>
  );
}
