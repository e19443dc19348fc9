import { Tag } from "lucide";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import { datasets } from "../../api/datasets";
import { firstItems } from "../../api/lists";
import { useResource } from "../../api/resource";
import type { Annotation, Dataset, DatasetKind, Job, Model } from "../../api/types";
import { loadTopic, t } from "../../i18n";
import { classOf, suggestionsOf } from "../../labeling/suggesting";
import { Icon } from "../controls/icon";
import { predict, reasonOf } from "../labeling/predictions";
import { Notice } from "../shell/notice";
import "../../style/datasets.css";

await loadTopic({ en: () => import("../../i18n/en/datasets"), de: () => import("../../i18n/de/datasets") });

const MOST = 500;

interface CorrectResultProps {
  job: Job;
  upload: string;
  name: string; // of the upload
  onClose: () => void;
}

/** A dialog that puts an answer's picture into a dataset with the answer as its labels, and opens it there. */
export function CorrectResult({ job, upload, name, onClose }: CorrectResultProps) {
  const id = useId();
  const { route } = useLocation();
  const dialog = useRef<HTMLDialogElement>(null);
  const kind = kindOf(job);
  const list = useResource("datasets", (signal) => firstItems((page) => datasets.list(page, signal), MOST));
  const fitting = (list.data?.items ?? []).filter((one) => FITTING[kind].includes(one.kind));
  const [chosen, setChosen] = useState<string | null>(null);
  const [newName, setNewName] = useState(() => t("correct.default", { name: job.model?.name ?? name }));
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const target = chosen ?? fitting[0]?.id ?? ""; // "": a new one

  const add = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      const known = fitting.find((one) => one.id === target);
      const dataset = known ?? (await datasets.create({ name: newName.trim(), kind }));
      const annotation = annotationOf(await labelsIn(job, upload), dataset);
      const { items } = await datasets.add(dataset.id, [{ upload_id: upload, annotation }]);
      route(`/datasets/${dataset.id}/label?picture=${items[0].id}`);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      setProblem(reasonOf(error));
      setBusy(false);
    }
  };
  return (
    <dialog ref={dialog} class="sheet" aria-labelledby={`${id}-title`} onClose={onClose}>
      <h2 id={`${id}-title`}>{t("correct.title")}</h2>
      <p class="hint">{t("correct.lead")}</p>
      {list.error && <Notice error={list.error} onRetry={list.reload} />}
      <form class="dataset-form" onSubmit={add}>
        <div class="field">
          <label for={id}>{t("correct.dataset")}</label>
          <select id={id} value={target} onChange={(event) => setChosen(event.currentTarget.value)}>
            {fitting.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name}
              </option>
            ))}
            <option value="">{t("correct.new")}</option>
          </select>
        </div>
        {target === "" && (
          <div class="field">
            <label for={`${id}-name`}>{t("correct.name")}</label>
            <input
              id={`${id}-name`}
              type="text"
              required
              pattern=".*\S.*"
              maxLength={120}
              value={newName}
              onInput={(event) => setNewName(event.currentTarget.value)}
            />
          </div>
        )}
        {problem && (
          <p class="error" role="alert">
            {problem}
          </p>
        )}
        <div class="actions">
          <button type="submit" class="button is-primary" disabled={isBusy || !list.data}>
            <Icon of={Tag} />
            {t("correct.add")}
          </button>
          <button type="button" class="button is-quiet" onClick={() => dialog.current?.close()}>
            {t("action.cancel")}
          </button>
        </div>
      </form>
    </dialog>
  );
}

type Labeled = "classes" | "boxes" | "masks";

/** Datasets that can keep labels of a kind; one without labels gets its kind by the first. */
const FITTING: Record<Labeled, DatasetKind[]> = {
  classes: ["classes", "pictures"],
  boxes: ["boxes", "pictures"],
  masks: ["masks", "pictures"],
};

interface Answer {
  objects?: unknown[];
  instances?: { rle?: unknown }[] | null;
  classes?: { label?: string; rle?: unknown }[];
}

function kindOf(job: Job): Labeled {
  const { objects, classes = [] } = (job.result ?? {}) as Answer;
  if (objects) return "boxes";
  return classes.some(({ label }) => label !== undefined) ? "classes" : "masks";
}

/** The result with everything that labels are made of: masks are only in an answer that was requested with them. */
async function labelsIn(job: Job, upload: string): Promise<unknown> {
  const { instances, classes = [] } = (job.result ?? {}) as Answer;
  const hasMasks = (instances ?? classes).some(({ rle }) => rle !== undefined);
  if (kindOf(job) !== "masks" || hasMasks || !job.model) return job.result;
  const { name, version } = job.model;
  return predict({ name, version, capability: job.capability } as Model, upload);
}

function annotationOf(result: unknown, dataset: Dataset): Annotation {
  const names = dataset.classes.map(({ name }) => name);
  const { objects, labels } = suggestionsOf(result, (label) => classOf(label, names, {}));
  return {
    label: labels[0]?.label ?? null,
    objects: objects.map(({ score: _, ...object }) => object),
  };
}
