import { FolderOpen } from "lucide";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { Dataset } from "../../api/types";
import { FileDrop } from "../../form/file-drop";
import { t } from "../../i18n";
import { Icon } from "../controls/icon";
import { Adding, type AddingState } from "./adding";
import { droppedFiles } from "./folders";

interface AddPicturesProps {
  dataset: Dataset;
  onAdded: () => void;
}

const FOLDER = "/"; // no class is called so: names have no slash where they come from folders

/** Files or a folder that become pictures of the dataset. */
export function AddPictures({ dataset, onAdded }: AddPicturesProps) {
  const id = useId();
  const hasClasses = dataset.kind === "classes";
  const [label, setLabel] = useState(FOLDER);
  const [state, setState] = useState<AddingState | null>(null);
  const [refusal, setRefusal] = useState<string | null>(null);
  const adding = useRef<Adding | null>(null);
  const isBusy = state !== null && !state.isDone;
  useEffect(() => {
    if (!isBusy) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", warn);
    return () => removeEventListener("beforeunload", warn);
  }, [isBusy]);

  const add = async (files: File[], refused: { name: string; problem: string }[]) => {
    setRefusal(null);
    const chosen = !hasClasses ? null : label === FOLDER ? "folder" : { label: label || null };
    adding.current = new Adding(dataset.id, chosen, setState, onAdded);
    await adding.current.run(files, refused);
  };
  return (
    <section class="card add-pictures" aria-labelledby="add-title">
      <h2 id="add-title">{t("picture.add")}</h2>
      <div class="add-row">
        <FileDrop
          accepts="image"
          isBusy={isBusy}
          error={refusal}
          onFiles={add}
          onRefuse={setRefusal}
          read={droppedFiles}
        />
        <div class="actions">
          <FolderInput isBusy={isBusy} onFiles={(files) => void add(files, [])} />
          {hasClasses && (
            <div class="field is-inline">
              <label for={id}>{t("picture.addClass")}</label>
              <select id={id} value={label} onChange={(event) => setLabel(event.currentTarget.value)}>
                <option value={FOLDER}>{t("picture.folderClass")}</option>
                <option value="">{t("picture.noClass")}</option>
                {dataset.classes.map(({ name }) => (
                  <option key={name} value={name}>
                    {name}
                  </option>
                ))}
              </select>
            </div>
          )}
        </div>
      </div>
      {state && <Progress state={state} onCancel={() => adding.current?.stop()} />}
    </section>
  );
}

function FolderInput({ isBusy, onFiles }: { isBusy: boolean; onFiles: (files: File[]) => void }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        class="visually-hidden"
        type="file"
        {...{ webkitdirectory: true }}
        multiple
        tabIndex={-1}
        aria-hidden="true"
        onChange={(event) => {
          const all = [...(event.currentTarget.files ?? [])];
          event.currentTarget.value = ""; // the same folder can be chosen again
          onFiles(all.filter(({ type, name }) => type.startsWith("image/") && !name.startsWith(".")));
        }}
      />
      <button type="button" class="button" disabled={isBusy} onClick={() => input.current?.click()}>
        <Icon of={FolderOpen} />
        {t("picture.addFolder")}
      </button>
    </>
  );
}

function Progress({ state, onCancel }: { state: AddingState; onCancel: () => void }) {
  const { joined, known, total, refused, isDone } = state;
  return (
    <div class="dataset-sending">
      <p role="status">
        {isDone
          ? [t("picture.added", { n: joined - known }), known > 0 && t("picture.already", { n: known })]
              .filter(Boolean)
              .join(" ")
          : t("picture.adding", { n: joined, total })}
      </p>
      {!isDone && (
        <>
          <progress
            class="progress"
            max={total}
            value={joined + refused.length}
            aria-label={t("state.progress")}
          />
          <div class="actions">
            <span class="hint">{t("picture.stay")}</span>
            <button type="button" class="button is-small is-quiet" onClick={onCancel}>
              {t("action.cancel")}
            </button>
          </div>
        </>
      )}
      {refused.length > 0 && (
        <details>
          <summary>{t("picture.refused", { n: refused.length })}</summary>
          <ul class="refused">
            {refused.slice(0, 200).map(({ name, problem }) => (
              <li key={name}>
                <strong>{name}</strong> {problem}
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}
