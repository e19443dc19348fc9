import { Plus, Trash2 } from "lucide";
import { useId } from "preact/hooks";
import { api } from "../../api/client";
import type { Job } from "../../api/types";
import { inputsOf } from "../../form/inputs";
import { type Key, t } from "../../i18n";
import type { Size } from "../../labeling/annotation";
import { Icon } from "../controls/icon";
import { useLoaded } from "../controls/loaded";
import type { Draft, DraftObject } from "./answer-form";

type Part<Form extends Draft["form"]> = Extract<Draft, { form: Form }>;

interface CorrectionProps<D extends Draft> {
  draft: D;
  onChange: (draft: D) => void;
}

/** The fields in which an answer is corrected; they begin with the model's answer. */
export function Correction({ job, draft, onChange }: CorrectionProps<Draft> & { job: Job }) {
  const id = useId();
  return (
    <>
      <datalist id={id}>
        {draft.known.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      {draft.form === "label" && <Label draft={draft} onChange={onChange} list={id} />}
      {draft.form === "objects" && (
        <>
          <OnPicture job={job} draft={draft} onChange={onChange} />
          <Objects draft={draft} onChange={onChange} list={id} />
        </>
      )}
      {draft.form === "predictions" && <Rows draft={draft} onChange={onChange} list={id} />}
    </>
  );
}

const MAX_LABEL = 100;

function Label({ draft, onChange, list }: CorrectionProps<Part<"label">> & { list: string }) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{t("reviews.class")}</label>
      <input
        id={id}
        type="text"
        required
        pattern=".*\S.*"
        maxLength={MAX_LABEL}
        list={list}
        data-first
        value={draft.label}
        onInput={(event) => onChange({ ...draft, label: event.currentTarget.value })}
      />
    </div>
  );
}

/** The boxes on their picture, as long as that is stored. */
function OnPicture({ job, draft, onChange }: CorrectionProps<Part<"objects">> & { job: Job }) {
  const Loaded = useLoaded(() => import("./box-canvas"))?.BoxCanvas;
  const { image } = job.result as { image?: Size };
  const [upload] = Object.values(inputsOf(job));
  if (!Loaded || !image || !upload) return null;
  return (
    <Loaded
      url={api.uploadPictureUrl(upload)}
      name={job.name}
      size={image}
      classes={draft.known}
      objects={draft.objects}
      onChange={(objects) => onChange({ ...draft, objects })}
    />
  );
}

const SIDES: Key[] = ["reviews.left", "reviews.top", "reviews.right", "reviews.bottom"];
const NEW_BOX: DraftObject["box"] = [0, 0, 10, 10];

function Objects({ draft, onChange, list }: CorrectionProps<Part<"objects">> & { list: string }) {
  const { objects } = draft;
  const put = (place: number, object: DraftObject) =>
    onChange({ ...draft, objects: objects.map((one, index) => (index === place ? object : one)) });
  return (
    <fieldset class="review-objects">
      <legend>{t("reviews.objects")}</legend>
      {objects.length === 0 && <p class="empty">{t("reviews.noObjects")}</p>}
      <p class="hint">{t("reviews.box")}</p>
      <ol>
        {objects.map((object, place) => (
          <li key={place}>
            <input
              type="text"
              required
              maxLength={MAX_LABEL}
              list={list}
              data-first={place === 0 || undefined}
              aria-label={t("reviews.objectClass", { n: place + 1 })}
              value={object.label}
              onInput={(event) => put(place, { ...object, label: event.currentTarget.value })}
            />
            {SIDES.map((side, index) => (
              <input
                key={side}
                type="number"
                class="number-box"
                required
                min={0}
                step="any"
                aria-label={t("reviews.side", { n: place + 1, side: t(side) })}
                value={object.box[index]}
                onInput={(event) => {
                  const value = event.currentTarget.valueAsNumber;
                  if (Number.isFinite(value))
                    put(place, { ...object, box: object.box.with(index, value) as DraftObject["box"] });
                }}
              />
            ))}
            <button
              type="button"
              class="tool"
              aria-label={t("reviews.removeObject", { n: place + 1 })}
              onClick={() => onChange({ ...draft, objects: objects.filter((_, index) => index !== place) })}
            >
              <Icon of={Trash2} size={16} />
            </button>
          </li>
        ))}
      </ol>
      <button
        type="button"
        class="button is-small"
        data-first={objects.length === 0 || undefined}
        onClick={() => onChange({ ...draft, objects: [...objects, { label: "", box: NEW_BOX }] })}
      >
        <Icon of={Plus} size={16} />
        {t("reviews.addObject")}
      </button>
    </fieldset>
  );
}

function Rows({ draft, onChange, list }: CorrectionProps<Part<"predictions">> & { list: string }) {
  const { rows } = draft;
  return (
    <div class="table-scroll">
      <table class="review-rows">
        <caption>{t("reviews.rows")}</caption>
        <thead>
          <tr>
            <th scope="col">{t("reviews.row")}</th>
            <th scope="col">{t("reviews.predicted")}</th>
            <th scope="col">{t("reviews.correctValue")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ row, predicted, corrected }, place) => (
            <tr key={row}>
              <th scope="row">{row + 1}</th>
              <td>{predicted === null ? "–" : String(predicted)}</td>
              <td>
                <input
                  type="text"
                  list={list}
                  data-first={place === 0 || undefined}
                  aria-label={t("reviews.correctValueOf", { n: row + 1 })}
                  value={corrected}
                  onInput={({ currentTarget: { value } }) =>
                    onChange({
                      ...draft,
                      rows: rows.map((one, index) => (index === place ? { ...one, corrected: value } : one)),
                    })
                  }
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
