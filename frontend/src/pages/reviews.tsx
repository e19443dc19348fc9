import type { RefObject } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import { useCapability } from "../api/catalog";
import { api } from "../api/client";
import { useResource } from "../api/resource";
import { reviewAddress, reviews } from "../api/reviews";
import type { Job, Review } from "../api/types";
import { Choice } from "../components/controls/choice";
import { Placeholder } from "../components/pictures/placeholder";
import { Answer, useAnswerContext } from "../components/results/answer";
import { useBox } from "../components/results/use-box";
import { type Acts, DecisionPanel } from "../components/reviews/decision-panel";
import { ReviewState } from "../components/reviews/review-state";
import "../components/reviews/topic";
import { type Queue, useQueue } from "../components/reviews/use-queue";
import { useHotkeys } from "../components/shell/hotkeys";
import { Notice } from "../components/shell/notice";
import { useTitle } from "../components/shell/title";
import { View } from "../components/workbench/view";
import { formatAgo, formatPercent, label, t } from "../i18n";

/** The answers that wait for a person: a queue that is worked through by keyboard. */
export default function Reviews() {
  useTitle(t("reviews.title"));
  const { query, route } = useLocation();
  const isDecided = query.show === "decided";
  const queue = useQueue(isDecided);
  const [notice, setNotice] = useState("");
  const acts = useRef<Acts | null>(null);
  const items = queue.items ?? [];
  const place = items.findIndex(({ id }) => id === query.id);
  // an address may name one that the list has not loaded, or that is decided already
  const isElsewhere = Boolean(query.id) && place < 0 && queue.items !== null;
  const named = useResource(isElsewhere ? query.id : null, (signal) => reviews.get(query.id, signal));
  const chosen = isElsewhere ? named.data : (items[Math.max(place, 0)] ?? null);

  const go = (to: Review | undefined) => {
    if (!to) return false;
    route(addressOf(to, isDecided), true);
    return true;
  };
  useHotkeys({
    "1": () => press(acts.current?.confirm),
    "2": () => press(acts.current?.correct),
    "3": () => press(acts.current?.reject),
    j: () => go(items[place < 0 ? 1 : place + 1]),
    k: () => go(items[place - 1]),
  });
  // the next ones are there before the last one is decided
  useEffect(() => {
    if (queue.items?.length === 0) void queue.more?.();
  }, [queue.items]);
  const settled = ({ id }: Review, done: string) => {
    setNotice(done);
    const at = items.findIndex((one) => one.id === id);
    const next = items[at + 1] ?? items[at - 1];
    queue.settle(id);
    route(next ? addressOf(next, false) : "/reviews", true);
  };
  return (
    <>
      <header class="page-head">
        <h1>{t("reviews.title")}</h1>
        <p class="lead">{t("reviews.lead")}</p>
        <Choice
          legend={t("reviews.show")}
          options={[{ name: t("reviews.waiting") }, { name: t("reviews.decided") }]}
          chosen={isDecided ? 1 : 0}
          onChoose={(index) => route(index === 1 ? "/reviews?show=decided" : "/reviews")}
        />
      </header>
      <p class="review-status" role="status">
        {[notice, queue.waiting > 0 && t("reviews.count", { n: queue.waiting })].filter(Boolean).join(" ")}
      </p>
      {queue.error && <Notice error={queue.error} onRetry={queue.reload} />}
      {queue.items?.length === 0 && !chosen && !queue.more && <Nothing isDecided={isDecided} />}
      {(items.length > 0 || chosen) && (
        <div class="review-split">
          <List queue={queue} chosen={chosen} isDecided={isDecided} />
          {named.error && isElsewhere && <Notice error={named.error} />}
          {chosen && <Detail key={chosen.id} review={chosen} acts={acts} onSettled={settled} />}
        </div>
      )}
    </>
  );
}

/** Whether there was something to do; the key is left to others if not. */
function press(act: (() => void) | undefined): boolean {
  act?.();
  return act !== undefined;
}

const addressOf = ({ id }: Review, isDecided: boolean): string =>
  `${reviewAddress(id)}${isDecided ? "&show=decided" : ""}`;

function Nothing({ isDecided }: { isDecided: boolean }) {
  if (isDecided) return <p class="card empty">{t("reviews.noneDecided")}</p>;
  return (
    <div class="card empty">
      <p>{t("reviews.none")}</p>
      <p>{t("reviews.noneHint")}</p>
      <p>
        <a href="/models">{t("reviews.models")}</a>
      </p>
    </div>
  );
}

interface ListProps {
  queue: Queue;
  chosen: Review | null;
  isDecided: boolean;
}

function List({ queue, chosen, isDecided }: ListProps) {
  const current = useRef<HTMLAnchorElement>(null);
  useEffect(() => current.current?.scrollIntoView({ block: "nearest" }), [chosen?.id]);
  return (
    <nav class="card review-list" aria-label={t("reviews.list")}>
      <ul class="plain-list">
        {queue.items?.map((review) => (
          <li key={review.id}>
            <a
              ref={review.id === chosen?.id ? current : undefined}
              class="row-link"
              href={addressOf(review, isDecided)}
              aria-current={review.id === chosen?.id ? "true" : undefined}
            >
              <Row review={review} />
            </a>
          </li>
        ))}
      </ul>
      {queue.more && (
        <button type="button" class="button is-small" onClick={queue.more}>
          {t("reviews.more")}
        </button>
      )}
    </nav>
  );
}

function Row({ review }: { review: Review }) {
  const { confidence, model, status, decided_at, created_at } = review;
  const capability = useCapability(review.capability);
  const title = label(`${review.capability}.title`, capability?.title ?? review.capability).text;
  const details = [
    `${model.name}@${model.version}`,
    confidence === null
      ? t("reviews.noConfidence")
      : t("reviews.confidence", { share: formatPercent(confidence) }),
    status !== "waiting" && t(`reviews.status.${status}`),
    formatAgo(decided_at ?? created_at),
  ];
  return (
    <span>
      <strong>{review.job_name || title}</strong>
      <small>{details.filter(Boolean).join(" · ")}</small>
    </span>
  );
}

interface DetailProps {
  review: Review;
  acts: RefObject<Acts | null>;
  onSettled: (review: Review, notice: string) => void;
}

function Detail({ review, acts, onSettled }: DetailProps) {
  const job = useResource(review.job_id, (signal) => api.job(review.job_id, signal));
  return (
    <div class="review-detail">
      {review.status !== "waiting" && <ReviewState review={review} />}
      {job.error && <Notice error={job.error} onRetry={job.reload} />}
      {job.data && review.status === "waiting" && (
        <DecisionPanel review={review} job={job.data} acts={acts} onSettled={onSettled} />
      )}
      <section class="card" aria-labelledby="answer-title">
        <header class="card-head">
          <h2 id="answer-title">{t("reviews.answer")}</h2>
          <a href={`/r/${review.job_id}`}>{t("reviews.open")}</a>
        </header>
        {job.data ? <ModelAnswer job={job.data} /> : <Placeholder />}
      </section>
    </div>
  );
}

function ModelAnswer({ job }: { job: Job }) {
  const { box } = useBox(job, false);
  const context = useAnswerContext(job, box);
  const view = useMemo(() => new View(), []);
  return <Answer job={job} context={context} view={view} part="answer" />;
}
