import { useId, useState } from "preact/hooks";
import { t } from "../../i18n";
import { Choice } from "../controls/choice";
import { Markdown } from "../controls/markdown";
import { SaveForm } from "./save-form";
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
  return (
    <SaveForm onSave={() => onSave(text)} onClose={onClose}>
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
    </SaveForm>
  );
}
