import type { Ref } from "preact";
import { useId, useState } from "preact/hooks";
import { formatPercent, t } from "../../../i18n";
import type { ScoredLabel } from "../../../labeling/state";
import { Swatch } from "../../controls/icon";
import { classPaint } from "../scene";
import type { Session } from "../session";

const [LEAST_SCORE, MOST_NEW] = [0.1, 3]; // of suggested classes that the dataset does not have

interface ClassPickerProps {
  session: Session;
  /** The class that is pressed: of the picture, of the selected object, or of the next one. */
  chosen: string | null;
  legend: string;
  scores?: ScoredLabel[];
  onChoose: (label: string) => void;
  first: Ref<HTMLButtonElement>;
}

/** The classes as buttons with their digits, and a field for a new one. */
export function ClassPicker({ session, chosen, legend, scores = [], onChoose, first }: ClassPickerProps) {
  const id = useId();
  const [name, setName] = useState("");
  const { classes } = session;
  const add = (event: Event) => {
    event.preventDefault();
    const label = name.trim();
    if (!label) return;
    session.addClass(label);
    onChoose(label);
    setName("");
  };
  const isNew = ({ label, score }: ScoredLabel) => !classes.includes(label) && score >= LEAST_SCORE;
  const suggested = scores
    .filter(isNew)
    .slice(0, MOST_NEW)
    .map(({ label }) => label);
  return (
    <div class="label-classes">
      <fieldset class="label-chips">
        <legend>{legend}</legend>
        {classes.length === 0 && <p class="hint">{t("labeling.noClasses")}</p>}
        {[...classes, ...suggested].map((label, index) => (
          <button
            key={label}
            ref={index === 0 ? first : undefined}
            type="button"
            class="button is-small"
            aria-pressed={label === chosen}
            onClick={() => onChoose(label)}
          >
            {index < 10 && index < classes.length && <kbd>{(index + 1) % 10}</kbd>}
            <Swatch color={classPaint(classes, label).line} />
            {label}
            <Score of={scores.find((one) => one.label === label)?.score} />
          </button>
        ))}
      </fieldset>
      <form class="label-add" onSubmit={add}>
        <label class="visually-hidden" for={id}>
          {t("labeling.className")}
        </label>
        <input
          id={id}
          type="text"
          maxLength={100}
          placeholder={t("labeling.className")}
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
        />
        <button type="submit" class="button is-small" disabled={!name.trim()}>
          {t("labeling.addClass")}
        </button>
      </form>
    </div>
  );
}

function Score({ of }: { of: number | undefined }) {
  if (of === undefined) return null;
  return (
    <>
      <small>{formatPercent(of)}</small>
      <i class="label-bar" aria-hidden="true" style={{ inlineSize: `${of * 100}%` }} />
    </>
  );
}
