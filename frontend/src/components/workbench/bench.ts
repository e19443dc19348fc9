import { useEffect, useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import { noteActivity } from "../../api/activity";
import { ApiError, api } from "../../api/client";
import { part } from "../../api/parts";
import { prefetchParts } from "../../api/prefetch";
import type { Capability, Input, Job } from "../../api/types";
import type { Refusal } from "../../batch/batch";
import {
  type Chosen,
  firstOf,
  inputsIn,
  inputsOf,
  inputsQuery,
  isBatchable,
  isComplete,
  onlyInput,
} from "../../form/inputs";
import { changedValues, defaultsOf, type Values, valuesIn } from "../../form/schema";
import { type ReadTable, useTable } from "../../form/table";
import { errorText } from "../shell/problem-texts";

/** The inputs, model, and params of the next job; the snippets show the same. */
export interface Bench {
  capability: Capability | null;
  values: Values;
  model: string | null;
  isBusy: boolean;
  refusal: { input: string; reason: string } | null; // of a file
  error: ApiError | null; // of the request
  chosen: Chosen; // the job's uploads, or those sent for the next one
  isReady: boolean; // every required input is chosen
  isDraft: boolean; // something is chosen, and nothing was run with it yet
  table: ReadTable;
  setValues: (values: Values) => void;
  setModel: (model: string | null) => void;
  refuse: (input: Input, reason: string) => void;
  run: (chosen?: Chosen) => void;
  runWith: (params: Values) => void; // on the same inputs
  runOn: (model: string) => void; // the same inputs and params, by another model
  take: (input: Input, files: File[], refused: Refusal[]) => void;
  remove: (input: Input) => void;
}

const NOTHING: Pick<Capability, "inputs"> = { inputs: [] };

export function useBench(capability: Capability | null, job: Job | null): Bench {
  const { query, route } = useLocation();
  const [changed, setValues] = useState<Values>(() => valuesIn(query.params));
  const [model, setModel] = useState<string | null>(query.model ?? null);
  const [isBusy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Bench["refusal"]>(null);
  const [error, setError] = useState<ApiError | null>(null);
  useEffect(() => {
    if (!job) return;
    setValues(job.params as Values);
    setModel(job.model && `${job.model.name}@${job.model.version}`);
  }, [job?.id]);
  const known = capability ?? NOTHING;
  const chosen = job ? inputsOf(job) : inputsIn(query, known);
  const schema = capability?.predict_params ?? {};
  const values = { ...defaultsOf(schema), ...changed };
  const tableId = chosen[firstOf(known, "table")?.name ?? ""] ?? null;
  const table = useTable(tableId, schema, values, setValues, `${capability?.name}.predict`);
  const refuse = ({ name }: Input, reason: string) => setRefusal({ input: name, reason });

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
  const start = async (inputs: Chosen, params: Values = {}, by = model) => {
    const made = await api.createJob({
      capability: capability?.name ?? "",
      task: "predict",
      inputs,
      model: by,
      params: { ...values, ...params },
    });
    noteActivity();
    void prefetchParts();
    route(`/r/${made.id}`);
  };
  /** The workbench with these uploads, before anything is run. */
  const draft = (inputs: Chosen) => {
    const params = changedValues(schema, values);
    const next = new URLSearchParams(inputsQuery(known, inputs));
    if (model) next.set("model", model);
    if (Object.keys(params).length > 0) next.set("params", JSON.stringify(params));
    const text = next.toString().replaceAll("%3A", ":").replaceAll("%2C", ",");
    route(`/t/${capability?.name}${text ? `?${text}` : ""}`);
  };
  const startMany = async (files: File[], refused: Refusal[]) => {
    const name = capability?.name ?? "";
    const { startBatch } = await part(() => import("../../batch/batch"));
    startBatch(name, { model, params: values }, files, refused);
    route(`/t/${name}/batch`);
  };
  const startOne = async (input: Input, file: File) => {
    const inputs = { ...chosen, [input.name]: (await api.createUpload(file)).id };
    // a table is looked at before it is worked on, and several inputs are chosen one after another
    if (onlyInput(known)?.kind === "image") await start(inputs);
    else draft(inputs);
  };
  const isAboutFields = ({ status, problem }: ApiError) => status === 422 && Boolean(problem.errors?.length);
  return {
    capability,
    values,
    model,
    isBusy,
    refusal,
    error,
    chosen,
    isReady: capability !== null && isComplete(capability, chosen),
    isDraft: job === null && Object.keys(chosen).length > 0,
    table,
    setValues,
    setModel,
    refuse,
    run: (inputs = chosen) => attempt(() => start(inputs), setError),
    // beside the job's own params, not those in the form: the picture shows that job
    runWith: (params) => attempt(() => start(chosen, { ...(job?.params as Values), ...params }), setError),
    runOn: (other) => attempt(() => start(chosen, job?.params as Values, other), setError),
    take: (input, files, refused) =>
      attempt(
        () =>
          isBatchable(known) && files.length + refused.length > 1
            ? startMany(files, refused)
            : startOne(input, files[0]),
        (thrown) => (isAboutFields(thrown) ? setError(thrown) : refuse(input, errorText(thrown))),
      ),
    remove: ({ name }) => draft(Object.fromEntries(Object.entries(chosen).filter(([one]) => one !== name))),
  };
}
