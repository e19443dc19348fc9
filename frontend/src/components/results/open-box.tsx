import { ChevronLeft, ChevronRight } from "lucide";
import { useState } from "preact/hooks";
import { api } from "../../api/client";
import { useResource } from "../../api/resource";
import type { StageSummary } from "../../api/types";
import { formatBytes, formatNumber, inReadersLanguage, message, t } from "../../i18n";
import { isKnown, useRenderer } from "../../stages/stage";
import { Icon } from "../controls/icon";
import { Explained } from "../glossary/explained";
import { Placeholder } from "../pictures/placeholder";
import type { PictureSource } from "../pictures/source";
import { useHotkeys } from "../shell/hotkeys";
import { Notice } from "../shell/notice";
import type { View } from "../workbench/view";

interface OpenBoxProps {
  stages: StageSummary[];
  picture: PictureSource | null;
  input: PictureSource | null;
  view: View;
}

/** The stages that lead to the answer. */
export function OpenBox({ stages, picture, input, view }: OpenBoxProps) {
  const index = Math.max(
    stages.findIndex((stage) => stage.id === view.stage.value),
    0,
  );
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
  const stage = stages[index];

  return (
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
              <span lang={titleOf(one).lang}>{titleOf(one).text}</span>
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
        {titleOf(stage).text}
      </span>
      {!isBack && <Icon of={ChevronRight} />}
    </button>
  );
}

const titleOf = (stage: StageSummary) => message(stage.title_message, stage.title);

const LARGE_BYTES = 2_000_000;

interface StageViewProps {
  stage: StageSummary;
  picture: PictureSource | null;
  input: PictureSource | null;
  view: View;
}

/** One stage with its title, explanation and code. */
export function StageView({ stage, picture, input, view }: StageViewProps) {
  const [isWanted, setWanted] = useState(stage.bytes <= LARGE_BYTES);
  const data = useResource(isWanted ? stage.data_url : null, (signal) =>
    api.stageData(stage.data_url, signal),
  );
  const shown = inReadersLanguage(data.data);
  const Renderer = useRenderer(stage.kind);
  const explanation = message(stage.explanation_message, stage.explanation);
  return (
    <>
      <h3 class="stage-title" lang={titleOf(stage).lang}>
        {titleOf(stage).text}
      </h3>
      <p class="explanation" lang={explanation.lang}>
        <Explained text={explanation.text} />
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
        {Renderer && shown ? (
          <Renderer
            data={shown}
            files={stage.files}
            picture={picture}
            input={input}
            view={view}
            part="step"
          />
        ) : (
          isWanted && !data.error && <Placeholder source={input ?? picture} />
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
