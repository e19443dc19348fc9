import { ApiError, api, path, write } from "../../api/client";
import { after } from "../../api/connection";
import { isFinal, type Job, type Model } from "../../api/types";

const WAIT_S = 20;
const ASK_MS = 400;
const MOST_KEPT = 40;

/** Results by model and upload, so that the next picture's are there when it is opened. */
const results = new Map<string, Promise<unknown>>();

export const nameOf = ({ name, version }: Model): string => `${name}@${version}`;

/** The model's result for a picture. Throws ApiError, or Error with the job's message. */
export function predict(model: Model, upload: string): Promise<unknown> {
  const key = `${nameOf(model)} ${upload}`;
  const known = results.get(key);
  if (known) return known;
  const made = run(model, upload);
  results.set(key, made);
  made.catch(() => results.delete(key)); // the next try is a new one
  const [oldest] = results.keys();
  if (results.size > MOST_KEPT) results.delete(oldest);
  return made;
}

async function run(model: Model, upload: string): Promise<unknown> {
  const { capability } = model;
  const params = capability === "segmentation" ? { rle: true } : {};
  const body = { capability, model: nameOf(model), params, inputs: { image: upload } };
  const headers = { "Content-Type": "application/json", Prefer: `wait=${WAIT_S}` };
  let job = await write<Job>("POST", path("jobs"), body, { headers });
  while (!isFinal(job.status)) {
    await after(ASK_MS);
    job = await api.job(job.id);
  }
  if (job.status !== "succeeded") throw new Error(job.error ?? job.status);
  return job.result;
}

export const reasonOf = (error: unknown): string =>
  error instanceof ApiError || error instanceof Error ? error.message : String(error);
