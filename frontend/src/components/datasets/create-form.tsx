import { Camera, Plus } from "lucide";
import { useId, useRef, useState } from "preact/hooks";
import { noteActivity } from "../../api/activity";
import { ApiError } from "../../api/client";
import { datasets, uploadFile } from "../../api/datasets";
import type { Dataset, DatasetKind } from "../../api/types";
import { FileDrop } from "../../form/file-drop";
import { formatPercent, t } from "../../i18n";
import { onSubmit, useAction } from "../controls/action";
import { Choice } from "../controls/choice";
import { Icon } from "../controls/icon";
import { Problem } from "../controls/problem";
import { errorText } from "../shell/problem-texts";

const EMPTY_KINDS: DatasetKind[] = ["classes", "boxes", "masks", "pictures"]; // a table needs its file

/** A new dataset, from a file or empty. */
export function CreateDataset({ onCreated }: { onCreated: (dataset: Dataset) => void }) {
  const [isFromFile, setFromFile] = useState(true);
  const ways = [{ name: t("datasets.fromFile") }, { name: t("datasets.fromNothing") }];
  return (
    <section class="card" aria-labelledby="create-title">
      <h2 id="create-title">{t("datasets.new")}</h2>
      <Choice
        legend={t("datasets.from")}
        options={ways}
        chosen={isFromFile ? 0 : 1}
        onChoose={(index) => setFromFile(index === 0)}
      />
      {isFromFile ? <FromFile onCreated={onCreated} /> : <FromNothing onCreated={onCreated} />}
      <a class="card-link" href="/collect">
        <Icon of={Camera} size={16} />
        {t("datasets.camera")}
      </a>
    </section>
  );
}

interface FormProps {
  onCreated: (dataset: Dataset) => void;
}

function FromFile({ onCreated }: FormProps) {
  const id = useId();
  const [name, setName] = useState("");
  const [sending, setSending] = useState<{ name: string; share: number } | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const control = useRef<AbortController | null>(null);
  const send = async ([file]: File[]) => {
    control.current = new AbortController();
    setProblem(null);
    setSending({ name: file.name, share: 0 });
    try {
      const progress = (share: number) => setSending({ name: file.name, share });
      const upload = await uploadFile(file, progress, control.current.signal);
      const stem = file.name.replace(/\.\w+$/, "");
      const dataset = await datasets.create({ name: name.trim() || stem, upload_id: upload.id });
      noteActivity();
      onCreated(dataset);
    } catch (error) {
      if (error instanceof ApiError) setProblem(errorText(error));
      else if (!(error instanceof DOMException)) throw error; // canceled
    } finally {
      setSending(null);
    }
  };
  return (
    <>
      <div class="field">
        <label for={id}>{t("datasets.name")}</label>
        <input
          id={id}
          type="text"
          value={name}
          maxLength={120}
          aria-describedby={`${id}-hint`}
          onInput={(event) => setName(event.currentTarget.value)}
        />
        <p class="hint" id={`${id}-hint`}>
          {t("datasets.nameHint")}
        </p>
      </div>
      <FileDrop
        accepts={["archive", "table"]}
        isSingle
        isBusy={sending !== null}
        error={problem}
        onFiles={send}
        onRefuse={setProblem}
      />
      {sending && (
        <div class="dataset-sending">
          <p role="status">{t("datasets.sending", { name: sending.name })}</p>
          <progress class="progress" max={1} value={sending.share} aria-label={t("state.progress")} />
          <div class="actions">
            <span class="hint">{formatPercent(sending.share)}</span>
            <button type="button" class="button is-small is-quiet" onClick={() => control.current?.abort()}>
              {t("action.cancel")}
            </button>
          </div>
        </div>
      )}
      <p class="hint">{t("datasets.fileHint")}</p>
    </>
  );
}

function FromNothing({ onCreated }: FormProps) {
  const id = useId();
  const [name, setName] = useState("");
  const [kind, setKind] = useState<DatasetKind>("classes");
  const [classes, setClasses] = useState("");
  const { isBusy, problem, run } = useAction();
  const create = onSubmit(() =>
    run(async () => {
      const names = kind === "pictures" ? [] : namesIn(classes);
      onCreated(await datasets.create({ name: name.trim(), kind, classes: names }));
    }),
  );
  return (
    <form class="dataset-form" onSubmit={create}>
      <div class="field">
        <label for={id}>{t("datasets.name")}</label>
        <input
          id={id}
          type="text"
          required
          pattern=".*\S.*"
          maxLength={120}
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </div>
      <Choice
        legend={t("datasets.labels")}
        options={EMPTY_KINDS.map((one) => ({
          name: t(`datasets.kind.${one}`),
          hint: t(`datasets.about.${one}`),
        }))}
        chosen={EMPTY_KINDS.indexOf(kind)}
        onChoose={(index) => setKind(EMPTY_KINDS[index])}
      />
      {kind !== "pictures" && (
        <div class="field">
          <label for={`${id}-classes`}>{t("datasets.classNames")}</label>
          <input
            id={`${id}-classes`}
            type="text"
            value={classes}
            onInput={(event) => setClasses(event.currentTarget.value)}
          />
        </div>
      )}
      <Problem text={problem} />
      <button type="submit" class="button is-primary" disabled={isBusy}>
        <Icon of={Plus} />
        {t("datasets.create")}
      </button>
    </form>
  );
}

/** The names between commas, each once. */
export const namesIn = (text: string): string[] => [
  ...new Set(
    text
      .split(/[,;\n]/)
      .map((name) => name.trim())
      .filter(Boolean),
  ),
];
