import { Pencil, X } from "lucide";
import { useId, useState } from "preact/hooks";
import { t } from "../../i18n";
import { Icon } from "../controls/icon";
import { SaveForm } from "./save-form";
import "./topic";

/** What people write about a job or a model, to find it again. */
export interface Labels {
  description: string;
  tags: string[];
}

export const NO_LABELS: Labels = { description: "", tags: [] };
const [MAX_DESCRIPTION, MAX_TAG] = [2000, 40]; // on the server

/** The tags of a text, separated by commas, in lower case as the server keeps them. */
export const tagsIn = (text: string): string[] => [
  ...new Set(
    text
      .split(",")
      .map((tag) => tag.trim().toLowerCase().slice(0, MAX_TAG))
      .filter(Boolean),
  ),
];

export function TagList({ tags, addressOf }: { tags: string[]; addressOf: (tag: string) => string }) {
  if (tags.length === 0) return null;
  return (
    <ul class="tags" aria-label={t("runs.tags")}>
      {tags.map((tag) => (
        <li key={tag}>
          <a class="tag" href={addressOf(tag)}>
            {tag}
          </a>
        </li>
      ))}
    </ul>
  );
}

/** The tag by which a list is filtered, and the way back to the whole list. */
export function TagFilter({ tag, onClear }: { tag: string; onClear: () => void }) {
  return (
    <button
      type="button"
      class="button is-small"
      aria-label={t("runs.removeTag", { tag })}
      title={t("runs.removeTag", { tag })}
      onClick={onClear}
    >
      {t("runs.tag")}: {tag}
      <Icon of={X} size={16} />
    </button>
  );
}

interface LabelFieldsProps {
  labels: Labels;
  onChange: (labels: Labels) => void;
}

export function LabelFields({ labels, onChange }: LabelFieldsProps) {
  const id = useId();
  const [text, setText] = useState(labels.tags.join(", ")); // as it is typed
  return (
    <>
      <div class="field">
        <label for={`${id}-description`}>{t("runs.description")}</label>
        <textarea
          id={`${id}-description`}
          rows={3}
          maxLength={MAX_DESCRIPTION}
          value={labels.description}
          onInput={(event) => onChange({ ...labels, description: event.currentTarget.value })}
        />
      </div>
      <div class="field">
        <label for={`${id}-tags`}>{t("runs.tags")}</label>
        <input
          id={`${id}-tags`}
          type="text"
          value={text}
          aria-describedby={`${id}-hint`}
          onInput={(event) => {
            setText(event.currentTarget.value);
            onChange({ ...labels, tags: tagsIn(event.currentTarget.value) });
          }}
        />
        <p id={`${id}-hint`} class="hint">
          {t("runs.tagsHint")}
        </p>
      </div>
    </>
  );
}

interface LabelsPlaceProps {
  labels: Labels;
  /** The list of everything that has this tag. */
  addressOf: (tag: string) => string;
  /** Throws ApiError: they were not saved. */
  onSave: (labels: Labels) => Promise<unknown>;
}

/** Description and tags, with a form to change them in their place. */
export function LabelsPlace({ labels: { description, tags }, addressOf, onSave }: LabelsPlaceProps) {
  const [draft, setDraft] = useState<Labels | null>(null);
  if (draft)
    return (
      <SaveForm onSave={() => onSave(draft)} onClose={() => setDraft(null)}>
        <LabelFields labels={draft} onChange={setDraft} />
      </SaveForm>
    );
  const isEmpty = description === "" && tags.length === 0;
  return (
    <div class="run-labels">
      {description && <p class="run-description">{description}</p>}
      <TagList tags={tags} addressOf={addressOf} />
      <button type="button" class="link" onClick={() => setDraft({ description, tags })}>
        <Icon of={Pencil} size={16} />
        {t(isEmpty ? "runs.add" : "runs.edit")}
      </button>
    </div>
  );
}
