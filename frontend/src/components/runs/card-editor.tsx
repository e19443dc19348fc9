import { useId, useState } from "preact/hooks";
import { ApiError } from "../../api/client";
import { t } from "../../i18n";
import { Choice } from "../controls/choice";
import { Markdown } from "../controls/markdown";
import { errorText } from "../shell/problem-texts";
import "./topic";

const PROVENANCE = "\n## Provenance\n"; // as the server writes it
const MAX_CHARACTERS = 100_000;

/** The part of a model card that people write; a card without the section on its provenance is all of it. */
export function editablePart(card: string): string {
  const place = card.lastIndexOf(PROVENANCE);
  return place < 0 ? "" : card.slice(0, place).trim();
}

interface CardEditorProps {
  card: string;
  /** Throws ApiError: it was not saved. */
  onSave: (text: string) => Promise<unknown>;
  onClose: () => void;
}

/** A model card as Markdown, and as it will look. */
export function CardEditor({ card, onSave, onClose }: CardEditorProps) {
  const id = useId();
  const [text, setText] = useState(() => editablePart(card));
  const [isPreview, setPreview] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const save = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    try {
      await onSave(text);
      onClose();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setProblem(errorText(error));
      setBusy(false);
    }
  };
  return (
    <form class="run-form" onSubmit={save}>
      <Choice
        legend={t("model.card")}
        options={[{ name: t("runs.write") }, { name: t("runs.preview") }]}
        chosen={isPreview ? 1 : 0}
        onChoose={(index) => setPreview(index === 1)}
      />
      {isPreview ? (
        <Markdown text={text} />
      ) : (
        <div class="field">
          <label for={id}>{t("runs.cardText")}</label>
          <textarea
            id={id}
            class="run-card"
            rows={16}
            maxLength={MAX_CHARACTERS}
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </div>
      )}
      <p class="hint">{t("runs.provenance")}</p>
      {problem && (
        <p class="error" role="alert">
          {problem}
        </p>
      )}
      <div class="actions">
        <button type="submit" class="button is-primary" disabled={isBusy}>
          {t("runs.save")}
        </button>
        <button type="button" class="button" disabled={isBusy} onClick={onClose}>
          {t("action.cancel")}
        </button>
      </div>
    </form>
  );
}
