import { ArrowRight, Check } from "lucide";
import { useId, useState } from "preact/hooks";
import { noteActivity } from "../../api/activity";
import { reloadCatalog } from "../../api/catalog";
import { ApiError, api } from "../../api/client";
import { datasets } from "../../api/datasets";
import { useJobStream } from "../../api/job-stream";
import { isFinal, type Job } from "../../api/types";
import { message, t } from "../../i18n";
import { Icon } from "../controls/icon";
import { ProgressPanel } from "../jobs/job-progress";
import { Notice } from "../shell/notice";
import type { Collection } from "./collection";

const OPTIONS = { validation_share: 0.15, test_share: 0.15, seed: 0, keep_splits: true };

/** A model's name of what a person writes: "My pets" -> "my-pets". */
const slug = (name: string): string =>
  name
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 64) || "my-classes";

/** Freeze the pictures as a version of the dataset, train on it, and offer the model. */
export function Keep({ collection }: { collection: Collection }) {
  const id = useId();
  const [name, setName] = useState("");
  const [check, setCheck] = useState<string | null>(null);
  const [training, setTraining] = useState<string | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const dataset = collection.dataset.value;
  const isReady = dataset !== null && collection.head.value !== null && collection.waiting.value === 0;
  const attempt = async (action: () => Promise<void>) => {
    setError(null);
    try {
      await action();
    } catch (thrown) {
      if (!(thrown instanceof ApiError)) throw thrown;
      setError(thrown);
      setCheck(null);
    }
  };
  const train = () =>
    attempt(async () => {
      const job = await api.createJob({
        capability: "classification",
        task: "train",
        dataset_id: dataset ?? "",
        model_name: slug(name),
        name: name || undefined,
      });
      noteActivity();
      setCheck(null);
      setTraining(job.id);
    });
  const start = (event: Event) => {
    event.preventDefault();
    setTraining(null);
    void attempt(async () => {
      if (name) await datasets.change(dataset ?? "", { name });
      const found = await datasets.freeze(dataset ?? "", OPTIONS);
      if ("status" in found) setCheck(found.id);
      else await train(); // nothing has changed since the newest version
    });
  };
  return (
    <>
      <form class="collect-keep" onSubmit={start}>
        <div class="field">
          <label for={id}>{t("collect.name")}</label>
          <input
            id={id}
            type="text"
            maxLength={100}
            value={name}
            placeholder={t("collect.namePlaceholder")}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </div>
        <button type="submit" class="button is-primary" disabled={!isReady || check !== null}>
          <Icon of={Check} />
          {t("collect.keep")}
        </button>
      </form>
      {!isReady && (
        <p class="hint">{t(collection.waiting.value ? "collect.stillWaiting" : "collect.needsTwo")}</p>
      )}
      {error && <Notice error={error} />}
      {check && <Following key={check} id={check} onDone={train} />}
      {training && <Following key={training} id={training} onDone={() => reloadCatalog()} isTraining />}
    </>
  );
}

interface FollowingProps {
  id: string;
  onDone: () => Promise<unknown>;
  isTraining?: boolean;
}

/** A job until its end; of a training its outcome. */
function Following({ id, onDone, isTraining = false }: FollowingProps) {
  const stream = useJobStream(id);
  const job = stream.job.value;
  const [isDone, setDone] = useState(false);
  if (job?.status === "succeeded" && !isDone) {
    setDone(true);
    void onDone();
  }
  if (!job) return null;
  if (!isFinal(job.status))
    return <ProgressPanel job={job} link={stream.link.value} onChange={() => void stream.refresh()} />;
  if (job.status !== "succeeded") {
    const reason = message(job.error_message, job.error ?? t(`status.${job.status}`));
    return (
      <p class="error" role="alert" lang={reason.lang}>
        {reason.text}
      </p>
    );
  }
  return isTraining ? <Trained job={job} /> : null;
}

function Trained({ job }: { job: Job }) {
  const { model, right, total } = (job.result ?? {}) as {
    model?: { name: string; version: number };
    right?: number;
    total?: number;
  };
  if (!model) return null;
  const address = `/t/classification?model=${encodeURIComponent(model.name)}@${model.version}`;
  return (
    <div class="notice is-done" role="status">
      <Icon of={Check} size={20} />
      <div>
        <p>
          <strong>{t("collect.kept", { name: model.name, version: model.version })}</strong>
        </p>
        {right !== undefined && total !== undefined && <p>{t("collect.heldOut", { right, total })}</p>}
        <div class="actions">
          <a class="button is-small is-primary" href={address}>
            {t("model.use")}
            <Icon of={ArrowRight} />
          </a>
          <a class="button is-small" href={`/models/${encodeURIComponent(model.name)}`}>
            {t("training.toModel")}
          </a>
          <a class="button is-small" href={`/train/${job.id}`}>
            {t("collect.training")}
          </a>
        </div>
      </div>
    </div>
  );
}
