import { ChevronLeft, ChevronRight } from "lucide";
import { useEffect, useRef, useState } from "preact/hooks";
import { api } from "../../api/client";
import { useResource } from "../../api/resource";
import type { Inspection, StageSummary } from "../../api/types";
import { formatBytes, formatNumber, langOf, said, t } from "../../i18n";
import { isKnown, useRenderer } from "../../stages/stage";
import { Icon } from "../controls/icon";
import type { PictureSource } from "../pictures/picture";
import { Placeholder } from "../pictures/placeholder";
import { useHotkeys } from "../shell/hotkeys";
import { Notice } from "../shell/notice";
import type { View } from "../workbench/view";

interface OpenBoxProps {
  inspection: Inspection;
  picture: PictureSource | null;
  input: PictureSource | null;
  view: View;
  isFirst: boolean; // the page is about the box: it comes into sight at once
}

/** The way to the answer, stage by stage. */
export function OpenBox({ inspection, picture, input, view, isFirst }: OpenBoxProps) {
  const { stages } = inspection;
  const index = Math.max(
    stages.findIndex((stage) => stage.id === view.stage.value),
    0,
  );
  const heading = useRef<HTMLHeadingElement>(null);
  const walk = (by: number) => {
    const next = stages[index + by];
    if (next) view.goTo(next.id);
  };
  useHotkeys({
    "[": () => walk(-1),
    "]": () => walk(1),
    ArrowLeft: () => walk(-1),
    ArrowRight: () => walk(1),
  });
  useEffect(() => {
    if (isFirst) heading.current?.scrollIntoView({ block: "start" });
  }, [isFirst]);
  if (stages.length === 0) return null;
  const stage = stages[index];

  return (
    <section class="card box" id="box" aria-labelledby="box-title">
      <header class="card-head">
        <h2 id="box-title" ref={heading} tabIndex={-1}>
          {t("box.title")}
        </h2>
        <p class="hint">{t("box.hint", { n: stages.length })}</p>
      </header>
      <div class="box-body">
        <ol class="stepper" aria-label={t("box.stages")}>
          {stages.map((one, place) => (
            <li key={one.id}>
              <button
                type="button"
                aria-current={place === index ? "step" : undefined}
                onClick={() => view.goTo(one.id)}
              >
                <b aria-hidden="true">{place + 1}</b>
                <span lang={langOf(one.title)}>{said(one.title)}</span>
                {one.count !== null && <small>{formatNumber(one.count)}</small>}
              </button>
            </li>
          ))}
        </ol>
        <div class="box-stage">
          <StageView key={stage.id} stage={stage} picture={picture} input={input} view={view} />
          <nav class="box-walk" aria-label={t("box.walk")}>
            <WalkButton stage={stages[index - 1]} onClick={() => walk(-1)} isBack />
            <WalkButton stage={stages[index + 1]} onClick={() => walk(1)} />
          </nav>
        </div>
      </div>
    </section>
  );
}

function WalkButton({
  stage,
  isBack,
  onClick,
}: {
  stage?: StageSummary;
  isBack?: boolean;
  onClick: () => void;
}) {
  if (!stage) return <span />;
  return (
    <button type="button" class="button is-quiet" onClick={onClick}>
      {isBack && <Icon of={ChevronLeft} />}
      <span>
        <span class="visually-hidden">{isBack ? t("box.back") : t("box.next")}: </span>
        {said(stage.title)}
      </span>
      {!isBack && <Icon of={ChevronRight} />}
    </button>
  );
}

const LARGE_BYTES = 2_000_000;

interface StageViewProps {
  stage: StageSummary;
  picture: PictureSource | null;
  input: PictureSource | null;
  view: View;
}

function StageView({ stage, picture, input, view }: StageViewProps) {
  const [isWanted, setWanted] = useState(stage.bytes <= LARGE_BYTES);
  const data = useResource(isWanted ? stage.data_url : null, (signal) =>
    api.stageData(stage.data_url, signal),
  );
  const Renderer = useRenderer(stage.kind);
  return (
    <>
      <h3 class="stage-title">
        <span lang={langOf(stage.title)}>{said(stage.title)}</span>
        {stage.count !== null && <small>{formatNumber(stage.count)}</small>}
      </h3>
      <p class="explanation" lang={langOf(stage.explanation)}>
        {said(stage.explanation)}
      </p>
      <div class="stage">
        {!isWanted && (
          <div class="stage-main empty">
            <p>{t("box.large", { size: formatBytes(stage.bytes) })}</p>
            <button type="button" class="button" onClick={() => setWanted(true)}>
              {t("box.load")}
            </button>
          </div>
        )}
        {data.error && <Notice error={data.error} onRetry={data.reload} />}
        {!isKnown(stage.kind) && <p class="stage-main empty">{t("box.unknown", { kind: stage.kind })}</p>}
        {Renderer && data.data ? (
          <Renderer
            data={data.data}
            files={stage.files}
            picture={picture}
            input={input}
            view={view}
            part="step"
          />
        ) : (
          isWanted && !data.error && <Placeholder source={input ?? picture} isSlow={data.isSlow} />
        )}
      </div>
      {stage.code && (
        <details class="code">
          <summary>
            {t("box.code")} <code>{stage.code.name}</code>
          </summary>
          <p class="hint">{t("box.codeAt", { file: stage.code.file, line: String(stage.code.line) })}</p>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines are scrolled by keys too */}
          <pre tabIndex={0} role="region" aria-label={t("box.code")}>
            <code>{stage.code.source}</code>
          </pre>
        </details>
      )}
    </>
  );
}
