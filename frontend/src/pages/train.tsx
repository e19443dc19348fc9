import { Play } from "lucide";
import { useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import { noteActivity } from "../api/activity";
import { useCatalog } from "../api/catalog";
import { ApiError, api } from "../api/client";
import { useResource } from "../api/resource";
import type { Capability, Job } from "../api/types";
import { Icon } from "../components/icon";
import { progressWords } from "../components/job-progress";
import { Notice } from "../components/notice";
import { Placeholder } from "../components/placeholder";
import { StatusBadge } from "../components/status-badge";
import { useTitle } from "../components/title";
import { defaultsOf, type Values } from "../form/schema";
import { SchemaForm } from "../form/schema-form";
import { formatAgo, t } from "../i18n";

/** Start a training; below it, those of before. */
export default function Train() {
  const { query, route } = useLocation();
  const { items, error } = useCatalog();
  useTitle(t("nav.train"));
  const trainable = items?.filter((item) => item.train_params) ?? [];
  const capability = trainable.find((item) => item.name === query.capability) ?? trainable[0];
  if (error && !items) return <Notice error={error} />;
  if (!items) return <Placeholder isSlow={false} />;
  return (
    <>
      <header class="page-head">
        <h1>{t("train.title")}</h1>
        <p class="lead">{t("train.lead")}</p>
      </header>
      <div class="train">
        {capability ? (
          <TrainForm
            key={capability.name}
            capability={capability}
            trainable={trainable}
            onChoose={(name) => route(`/train?capability=${name}`, true)}
          />
        ) : (
          <p class="card empty">{t("train.nothing")}</p>
        )}
        <Trainings />
      </div>
    </>
  );
}

interface TrainFormProps {
  capability: Capability;
  trainable: Capability[];
  onChoose: (name: string) => void;
}

function TrainForm({ capability, trainable, onChoose }: TrainFormProps) {
  const { route } = useLocation();
  const schema = capability.train_params ?? {};
  const [values, setValues] = useState<Values>(() => defaultsOf(schema));
  const [error, setError] = useState<ApiError | null>(null);
  const [isBusy, setBusy] = useState(false);
  const start = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      const job = await api.createJob({ capability: capability.name, task: "train", params: values });
      noteActivity();
      route(`/train/${job.id}`);
    } catch (thrown) {
      if (!(thrown instanceof ApiError)) throw thrown;
      setError(thrown);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form class="card" onSubmit={start} aria-labelledby="train-title">
      <h2 id="train-title">{t("train.new")}</h2>
      <div class="field">
        <label for="train-capability">{t("train.capability")}</label>
        <select
          id="train-capability"
          value={capability.name}
          onChange={(event) => onChoose(event.currentTarget.value)}
        >
          {trainable.map((item) => (
            <option key={item.name} value={item.name}>
              {item.title}
            </option>
          ))}
        </select>
      </div>
      <p class="hint">{t("train.data")}</p>
      <SchemaForm
        schema={schema}
        values={values}
        errors={error?.status === 422 ? error.fields() : {}}
        onChange={setValues}
      />
      {error && <Notice error={error} />}
      <button type="submit" class="button is-primary" disabled={isBusy}>
        <Icon of={Play} />
        {t("train.start")}
      </button>
    </form>
  );
}

function Trainings() {
  const titles = new Map(useCatalog().items?.map((item) => [item.name, item.title]));
  const jobs = useResource("trainings", (signal) => api.jobs({ task: "train", limit: "12" }, signal));
  return (
    <section class="card" aria-labelledby="trainings-title">
      <h2 id="trainings-title">{t("train.before")}</h2>
      {jobs.data?.items.length === 0 && <p class="empty">{t("train.none")}</p>}
      <ul class="plain-list">
        {jobs.data?.items.map((job: Job) => (
          <li key={job.id}>
            <a class="row-link" href={`/train/${job.id}`}>
              <span>
                <strong lang="en">{titles.get(job.capability) ?? job.capability}</strong>
                <small>
                  {formatAgo(job.created_at)}
                  {job.status === "running" ? ` · ${progressWords(job)}` : ""}
                </small>
              </span>
              <StatusBadge status={job.status} />
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
