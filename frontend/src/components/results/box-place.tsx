import { Box as BoxIcon } from "lucide";
import { useEffect, useRef } from "preact/hooks";
import type { BoxOpening } from "../../api/box-opening";
import { message, t } from "../../i18n";
import { Icon } from "../controls/icon";
import { ProgressPanel } from "../jobs/job-progress";
import { Notice } from "../shell/notice";
import type { View } from "../workbench/view";
import type { AnswerContext } from "./answer";
import type { Box } from "./box";
import { OpenBox } from "./open-box";

interface BoxPlaceProps {
  context: AnswerContext;
  opening: BoxOpening;
  view: View;
  isFirst: boolean; // the page is about the box: it comes into sight at once
}

/** Where the box is opened: the button, then the wait for the stages, then the stages, or why there are none. */
export function BoxPlace({ context, opening, view, isFirst }: BoxPlaceProps) {
  const { box, picture, input } = context;
  const heading = useRef<HTMLHeadingElement>(null);
  const stages = box.inspection?.stages;
  useEffect(() => {
    if (isFirst) heading.current?.scrollIntoView({ block: "start" });
  }, [isFirst, stages]);
  if (!box.open || stages?.length === 0) return null;
  const focus = () => heading.current?.focus(); // what was pressed goes away
  return (
    <section class="card box" id="box" aria-labelledby="box-title" aria-busy={box.isOpening}>
      <header class="card-head">
        <h2 id="box-title" ref={heading} tabIndex={-1}>
          {t("box.title")}
        </h2>
        <p class="hint">{stages ? t("box.hint", { n: stages.length }) : t("box.closed")}</p>
      </header>
      {stages && <OpenBox stages={stages} picture={picture} input={input} view={view} />}
      {box.isOpening && <Opening opening={opening} onCancel={focus} />}
      {!stages && !box.isOpening && (
        <ClosedBox
          box={box}
          onOpen={() => {
            focus();
            box.open?.();
          }}
        />
      )}
    </section>
  );
}

function Opening({ opening, onCancel }: { opening: BoxOpening; onCancel: () => void }) {
  const stream = opening.stream.value;
  const job = stream?.job.value;
  if (!job)
    return (
      <p class="hint" role="status">
        {t("state.loading")}
      </p>
    );
  const change = () => {
    onCancel();
    void stream.refresh();
  };
  return <ProgressPanel job={job} link={stream.link.value} onChange={change} />;
}

function ClosedBox({ box: { error, failure }, onOpen }: { box: Box; onOpen: () => void }) {
  const reason = message(failure?.error_message, failure?.error ?? "");
  return (
    <>
      {error && <Notice error={error} onRetry={onOpen} />}
      {failure && (
        <div role="alert">
          <p class="error">{t(failure.status === "canceled" ? "job.canceled" : "box.failed")}</p>
          {reason.text && <p lang={reason.lang}>{reason.text}</p>}
        </div>
      )}
      {!error && (
        <div class="actions">
          <button type="button" class="button is-primary" onClick={onOpen}>
            <Icon of={BoxIcon} />
            {t(failure ? "action.tryAgain" : "box.title")}
          </button>
        </div>
      )}
    </>
  );
}
