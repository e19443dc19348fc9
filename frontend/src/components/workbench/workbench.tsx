import { Play } from "lucide";
import { useEffect, useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import { noteActivity } from "../../api/activity";
import { ApiError, api } from "../../api/client";
import type { Capability, Job, Sample } from "../../api/types";
import type { Refusal } from "../../batch/batch";
import { FileDrop } from "../../form/file-drop";
import { changedValues, defaultsOf, type Values } from "../../form/schema";
import { SchemaForm } from "../../form/schema-form";
import { type ReadTable, useTable } from "../../form/table";
import { langOf, said, t } from "../../i18n";
import { Icon } from "../controls/icon";
import { errorText, Notice } from "../shell/notice";
import { ModelChoice } from "./model-choice";

/** What the next job would be made with; the snippets show the same. */
export interface Bench {
  capability: Capability | null;
  values: Values;
  model: string | null;
  isBusy: boolean;
  refusal: string | null; // of the file
  error: ApiError | null; // of the request
  uploadId: string | null; // what it would be made from: the job's upload, or one that was just sent
  table: ReadTable;
  setValues: (values: Values) => void;
  setModel: (model: string | null) => void;
  refuse: (reason: string) => void;
  runOn: (uploadId: string | null) => void;
  runWith: (params: Values) => void; // on the same input
  runFiles: (files: File[], refused: Refusal[]) => void;
}

export function useBench(capability: Capability | null, job: Job | null): Bench {
  const { query, route } = useLocation();
  const [changed, setValues] = useState<Values>(() => valuesIn(query.params));
  const [model, setModel] = useState<string | null>(query.model ?? null);
  const [isBusy, setBusy] = useState(false);
  const [refusal, refuse] = useState<string | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  useEffect(() => {
    if (!job) return;
    setValues(job.params as Values);
    setModel(job.model && `${job.model.name}@${job.model.version}`);
  }, [job?.id]);
  const uploadId = job ? job.upload_id : (query.upload ?? null);
  const isTable = capability?.accepts === "table";
  const values = { ...(capability ? defaultsOf(capability.predict_params) : {}), ...changed };
  const table = useTable(isTable ? uploadId : null, capability?.predict_params ?? {}, values, setValues);

  const attempt = async (act: () => Promise<void>, onError: (error: ApiError) => void) => {
    setBusy(true);
    refuse(null);
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
  const start = async (upload_id: string | null, others: Values = {}) => {
    const name = capability?.name ?? "";
    const made = await api.createJob({
      capability: name,
      task: "predict",
      upload_id,
      model,
      params: { ...values, ...others },
      inspect: true,
    });
    noteActivity();
    route(`/r/${made.id}`);
  };
  /** A table is looked at before it is worked on. */
  const lookAt = async (file: File) => {
    const { id } = await api.createUpload(file);
    const params = changedValues(capability?.predict_params ?? {}, values);
    const query = new URLSearchParams({ upload: id });
    if (model) query.set("model", model);
    if (Object.keys(params).length > 0) query.set("params", JSON.stringify(params));
    route(`/t/${capability?.name}?${query}`);
  };
  const startOne = async (file: File) => (isTable ? lookAt(file) : start((await api.createUpload(file)).id));
  const startMany = async (files: File[], refused: Refusal[]) => {
    const name = capability?.name ?? "";
    const { startBatch } = await import("../../batch/batch");
    startBatch(name, { model, params: values }, files, refused);
    route(`/t/${name}/batch`);
  };
  const isAboutFields = ({ status, problem }: ApiError) => status === 422 && Boolean(problem.errors?.length);
  return {
    capability,
    values,
    model,
    isBusy,
    refusal,
    error,
    uploadId,
    table,
    setValues,
    setModel,
    refuse,
    runOn: (uploadId) => attempt(() => start(uploadId), setError),
    // beside the job's own params, not what the form says by now: the picture shows that job
    runWith: (params) => attempt(() => start(uploadId, { ...(job?.params as Values), ...params }), setError),
    runFiles: (files, refused) =>
      attempt(
        async () => (files.length + refused.length > 1 ? startMany(files, refused) : startOne(files[0])),
        (thrown) => (isAboutFields(thrown) ? setError(thrown) : refuse(errorText(thrown))),
      ),
  };
}

/** Params that an address carries; it may have been typed by hand. */
function valuesIn(text: string | undefined): Values {
  try {
    const found: unknown = JSON.parse(text ?? "{}");
    return typeof found === "object" && found !== null ? (found as Values) : {};
  } catch {
    return {};
  }
}

interface InputPickerProps {
  bench: Bench;
  uploadId: string | null;
  /** Before there is an answer the samples take its place. */
  isLarge?: boolean;
}

/** What goes in: a sample with one click, or a file of one's own. */
export function InputPicker({ bench, uploadId, isLarge = false }: InputPickerProps) {
  const { capability } = bench;
  if (!capability) return null;
  return (
    <>
      {capability.samples.length > 0 && (
        <ul class={`samples${isLarge ? " is-large" : ""}`} aria-label={t("bench.samples")}>
          {capability.samples.map((sample) => (
            <li key={sample.name}>
              <SampleButton
                sample={sample}
                bench={bench}
                isChosen={sample.upload_id === uploadId}
                isLarge={isLarge}
              />
            </li>
          ))}
        </ul>
      )}
      <FileDrop
        accepts={capability.accepts}
        isBusy={bench.isBusy}
        error={bench.refusal}
        onFiles={bench.runFiles}
        onRefuse={bench.refuse}
      />
      <p class="visually-hidden" role="status">
        {bench.isBusy ? t("bench.sending") : ""}
      </p>
    </>
  );
}

interface SampleButtonProps {
  sample: Sample;
  bench: Bench;
  isChosen: boolean;
  isLarge: boolean;
}

function SampleButton({ sample, bench, isChosen, isLarge }: SampleButtonProps) {
  const isPicture = sample.width !== null;
  return (
    <button
      type="button"
      disabled={bench.isBusy}
      aria-current={isChosen ? "true" : undefined}
      title={`${said(sample.title)}: ${sample.credit}, ${sample.license}`}
      onClick={() => bench.runOn(sample.upload_id)}
    >
      {isPicture && <img src={sample.url} alt={isLarge ? "" : said(sample.title)} loading="lazy" />}
      {(isLarge || !isPicture) && (
        <span lang={langOf(sample.title)}>
          <strong>{said(sample.title)}</strong>
        </span>
      )}
    </button>
  );
}

/** Which model, with which params; a refused param says so at its field. */
export function Settings({ bench, job, isOpen }: { bench: Bench; job: Job | null; isOpen: boolean }) {
  const { capability, error, uploadId } = bench;
  if (!capability) return null;
  const fields = error?.status === 422 ? error.fields() : {};
  return (
    <section class="card">
      <details class="settings" open={isOpen || Object.keys(fields).length > 0}>
        <summary>
          <h2>{t("bench.settings")}</h2>
        </summary>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (uploadId) bench.runOn(uploadId);
          }}
        >
          <ModelChoice models={capability.models} chosen={bench.model} onChoose={bench.setModel} />
          <SchemaForm
            schema={capability.predict_params}
            values={bench.values}
            errors={fields}
            columns={bench.table.data?.columns}
            onChange={bench.setValues}
          />
          {uploadId && (
            <button type="submit" class="button is-primary" disabled={bench.isBusy}>
              <Icon of={Play} />
              {t(job ? "bench.again" : "bench.run")}
            </button>
          )}
        </form>
      </details>
      {error && <Notice error={error} />}
    </section>
  );
}
