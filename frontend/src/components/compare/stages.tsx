import { useSignal } from "@preact/signals";
import { useEffect, useId, useMemo, useState } from "preact/hooks";
import type { StageSummary } from "../../api/types";
import { message, t } from "../../i18n";
import { LinkedZoom, type Place } from "../pictures/picture";
import { Placeholder } from "../pictures/placeholder";
import { useAnswerContext } from "../results/answer";
import { StageView } from "../results/open-box";
import { useBox } from "../results/use-box";
import { Notice } from "../shell/notice";
import { View } from "../workbench/view";
import { type Item, titleOf } from "./items";

type Stages = Record<string, StageSummary[]>;

/** The stages that all of these answers have, in the order of the first. */
export function shared(lists: StageSummary[][]): StageSummary[] {
  const [first = [], ...others] = lists;
  return first.filter(({ id }) => others.every((list) => list.some((one) => one.id === id)));
}

/** The same stage of every answer, side by side. The boxes are opened on request: that may compute them. */
export function ComparedStages({ items }: { items: Item[] }) {
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  const [chosen, choose] = useState<string | null>(null);
  const [stages, setStages] = useState<Stages>({});
  const zoom = useSignal<Place>({ scale: 1, x: 0, y: 0 });
  const known = items.flatMap(({ key }) => (stages[key] ? [stages[key]] : []));
  const common = known.length === items.length ? shared(known) : [];
  const stage = common.find((one) => one.id === chosen) ?? common[0] ?? null;
  return (
    <section class="card" aria-labelledby={`${id}-title`}>
      <header class="card-head">
        <h2 id={`${id}-title`}>{t("comparison.stages")}</h2>
        <p class="hint">{t("comparison.stagesHint")}</p>
      </header>
      {!isOpen && (
        <div class="actions">
          <button type="button" class="button" onClick={() => setOpen(true)}>
            {t("comparison.openStages")}
          </button>
        </div>
      )}
      {isOpen && known.length === items.length && common.length === 0 && (
        <p class="empty">{t("comparison.noneShared")}</p>
      )}
      {stage && (
        <div class="field versus-choice">
          <label for={`${id}-stage`}>{t("comparison.stage")}</label>
          <select id={`${id}-stage`} onChange={(event) => choose(event.currentTarget.value)}>
            {common.map((one) => (
              <option key={one.id} value={one.id} selected={one === stage}>
                {message(one.title_message, one.title).text}
              </option>
            ))}
          </select>
        </div>
      )}
      {isOpen && (
        <LinkedZoom.Provider value={zoom}>
          <div class="versus-columns">
            {items.map((item) => (
              <OneStage
                key={item.key}
                item={item}
                id={stage?.id ?? null}
                onOpened={(found) => setStages((all) => ({ ...all, [item.key]: found }))}
              />
            ))}
          </div>
        </LinkedZoom.Provider>
      )}
    </section>
  );
}

interface OneStageProps {
  item: Item;
  id: string | null; // of the stage on show; null: until all boxes are open
  onOpened: (stages: StageSummary[]) => void;
}

function OneStage({ item, id, onOpened }: OneStageProps) {
  const { job } = item;
  const { box } = useBox(job, true);
  const context = useAnswerContext(job, box);
  const view = useMemo(() => new View(), [item.key, id]);
  const stages = box.inspection?.stages;
  useEffect(() => {
    if (stages) onOpened(stages);
  }, [stages]);
  const stage = stages?.find((one) => one.id === id);
  return (
    <div class="versus-column" aria-busy={box.isOpening}>
      <h3>
        <b class="versus-letter">{item.letter}</b> {titleOf(item)}
      </h3>
      {box.error && <Notice error={box.error} onRetry={box.open ?? undefined} />}
      {box.failure && <p class="error">{t("box.failed")}</p>}
      {box.isOpening && <Placeholder source={context.picture} />}
      {stage && (
        <StageView key={stage.id} stage={stage} picture={context.picture} input={context.input} view={view} />
      )}
    </div>
  );
}
