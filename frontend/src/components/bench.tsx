import { Play } from "lucide";
import { useEffect, useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import { noteActivity } from "../api/activity";
import { ApiError, api } from "../api/client";
import type { Capability, Job } from "../api/types";
import { FileDrop } from "../form/file-drop";
import { defaultsOf, type Values } from "../form/schema";
import { SchemaForm } from "../form/schema-form";
import { t } from "../i18n";
import { Icon } from "./icon";
import { ModelChoice } from "./model-choice";
import { errorText, Notice } from "./notice";

/** The values the next job would be made with; the snippets show the same. */
export interface BenchState {
  values: Values;
  model: string | null;
  setValues: (values: Values) => void;
  setModel: (model: string | null) => void;
}

export function useBench(capability: Capability | null, job: Job | null): BenchState {
  const { query } = useLocation();
  const [changed, setChanged] = useState<Values>({});
  const [model, setModel] = useState<string | null>(query.model ?? null);
  useEffect(() => {
    if (!job) return;
    setChanged(job.params as Values);
    setModel(job.model && `${job.model.name}@${job.model.version}`);
  }, [job?.id]);
  return {
    values: { ...(capability ? defaultsOf(capability.predict_params) : {}), ...changed },
    model,
    setValues: setChanged,
    setModel,
  };
}

interface BenchProps {
  capability: Capability;
  state: BenchState;
  job: Job | null;
  /** Open beside an empty place for the answer, folded beside an answer. */
  isOpen: boolean;
}

/** What goes in: a picture, a model and the parameters. */
export function Bench({ capability, state, job, isOpen }: BenchProps) {
  const { route } = useLocation();
  const [isBusy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const fields = error?.status === 422 ? error.fields() : {};

  const attempt = async (act: () => Promise<void>, onError: (error: ApiError) => void) => {
    setBusy(true);
    setRefusal(null);
    setError(null);
    try {
      await act();
    } catch (thrown) {
      if (!(thrown instanceof ApiError)) throw thrown;
      onError(thrown);
    } finally {
      setBusy(false);
    }
  };
  const start = async (uploadId: string | null) => {
    const params = state.values;
    const made = await api.createJob({
      capability: capability.name,
      task: "predict",
      upload_id: uploadId,
      model: state.model,
      params,
      inspect: true,
    });
    noteActivity();
    route(`/r/${made.id}`);
  };
  const runOn = (uploadId: string | null) => attempt(() => start(uploadId), setError);
  const runFile = ([file]: File[]) =>
    attempt(
      async () => start((await api.createUpload(file)).id),
      (thrown) =>
        thrown.status === 422 && thrown.problem.errors?.length
          ? setError(thrown)
          : setRefusal(errorText(thrown)),
    );

  return (
    <>
      <section class="card" aria-labelledby="bench-input">
        <h2 id="bench-input">{t(capability.accepts === "table" ? "bench.table" : "bench.picture")}</h2>
        {capability.samples.length > 0 && (
          <ul class="samples" aria-label={t("bench.samples")}>
            {capability.samples.map((sample) => (
              <li key={sample.name}>
                <button
                  type="button"
                  disabled={isBusy}
                  aria-current={sample.upload_id === job?.upload_id ? "true" : undefined}
                  title={`${sample.title}: ${sample.credit}, ${sample.license}`}
                  onClick={() => runOn(sample.upload_id)}
                >
                  <img src={sample.url} alt={sample.title} loading="lazy" />
                </button>
              </li>
            ))}
          </ul>
        )}
        <FileDrop
          accepts={capability.accepts}
          isBusy={isBusy}
          error={refusal}
          onFiles={runFile}
          onRefuse={setRefusal}
        />
      </section>
      <section class="card">
        <details class="settings" open={isOpen || Object.keys(fields).length > 0}>
          <summary>
            <h2>{t("bench.settings")}</h2>
          </summary>
          <form
            onSubmit={(event) => {
              event.preventDefault();
              runOn(job?.upload_id ?? null);
            }}
          >
            <ModelChoice models={capability.models} chosen={state.model} onChoose={state.setModel} />
            <SchemaForm
              schema={capability.predict_params}
              values={state.values}
              errors={fields}
              onChange={state.setValues}
            />
            {job?.upload_id && (
              <button type="submit" class="button is-primary" disabled={isBusy}>
                <Icon of={Play} />
                {t("bench.again")}
              </button>
            )}
          </form>
        </details>
        {error && <Notice error={error} />}
        <p class="visually-hidden" role="status">
          {isBusy ? t("bench.sending") : ""}
        </p>
      </section>
    </>
  );
}
