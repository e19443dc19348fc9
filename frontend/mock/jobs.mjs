// The mock's jobs: rows in memory, and timers that play the worker.
import { randomUUID } from "node:crypto";
import { answerOf } from "./answers.mjs";
import { models } from "./catalog.mjs";
import { rows, table } from "./clusters.mjs";
import { harbor, smallHarbor } from "./harbor.mjs";
import { street } from "./street.mjs";

const TRAIN_STEPS = 200;
const TRAIN_MS = Number(process.env.TRAIN_MS ?? 15);

export const uploads = new Map();
export const jobs = new Map();
export const events = new Map(); // job id -> [{ id, name, data }]
export const listeners = new Map();
export const workers = { predict: 1, train: 1 };

export function addUpload(name, media_type, data, width = 800, height = 560, rows = null) {
  const id = randomUUID();
  const row = {
    id,
    sha256: "",
    name,
    kind: rows === null ? "image" : "table",
    media_type,
    bytes: data.length,
    width,
    height,
    rows,
    columns: rows === null ? null : 2,
  };
  uploads.set(id, { ...row, created_at: new Date().toISOString(), url: `/v1/uploads/${id}/content`, data });
  return id;
}

export function addJob({
  capability = "detection",
  task = "predict",
  upload_id = null,
  params = {},
  inspect = true,
}) {
  const id = randomUUID();
  const own = models.find((one) => one.capability === capability);
  const { id: modelId, name, version, digest } = own;
  const job = {
    id,
    capability,
    task,
    upload_id,
    upload_deleted: false,
    params,
    inspect,
    model: task === "predict" ? { id: modelId, name, version, digest } : null,
    status: "queued",
    queue: { position: 1, eta_seconds: 2 },
    progress: { fraction: 0, step: 0, total: 0, message: "" },
    dataset_id: null,
    seed: 7,
    result: null,
    metrics: {},
    artifacts: [],
    error: null,
    attempt: 0,
    created_at: new Date().toISOString(),
    started_at: null,
    finished_at: null,
    timings_ms: {},
    environment: {},
  };
  jobs.set(id, job);
  events.set(id, []);
  return job;
}

function emit(job, name, data) {
  const list = events.get(job.id);
  list.push({ id: list.length + 1, name, data });
  for (const wake of listeners.get(job.id) ?? []) wake();
}

export function finish(job, status, more = {}) {
  Object.assign(job, more, { status, queue: null, finished_at: new Date().toISOString() });
  emit(job, status, { status });
}

const begin = (job) =>
  Object.assign(job, { status: "running", queue: null, attempt: 1, started_at: new Date().toISOString() });

function succeed(job) {
  finish(job, "succeeded", {
    result: answerOf(job).result,
    artifacts: answerOf(job).artifacts,
    progress: { fraction: 1, step: 1, total: 1, message: "" },
    timings_ms: { queued: 4.1, decode: 6.2, forward: 31.8, encode: 12.5, store: 3.3 },
    environment: { torch: "2.13.0", device: "cpu" },
  });
}

export function predict(job) {
  setTimeout(() => {
    if (job.status !== "queued" || workers.predict === 0) return;
    begin(job);
    emit(job, "progress", { fraction: 0.4, step: 1, total: 1, message: "Network" });
    setTimeout(() => job.status === "running" && succeed(job), 350);
  }, 150);
}

export function train(job) {
  begin(job);
  let step = 0;
  const timer = setInterval(() => {
    if (job.status !== "running") return clearInterval(timer);
    step += 1;
    const noise = Math.sin(step * 12.9898) * 0.06;
    const values = { loss: 2.4 * Math.exp(-step / 70) + 0.25 + noise * 0.5 };
    if (step % 5 === 0)
      Object.assign(values, {
        val_loss: 2.5 * Math.exp(-step / 85) + 0.42 + noise,
        val_map50: 0.5 * (1 - Math.exp(-step / 80)),
      });
    job.progress = {
      fraction: step / TRAIN_STEPS,
      step,
      total: TRAIN_STEPS,
      message: `Epoch ${Math.ceil(step / 50)} of 4`,
    };
    emit(job, "metric", { step, values });
    emit(job, "progress", job.progress);
    if (step % 50 === 0) emit(job, "log", { message: `epoch ${step / 50}: loss ${values.loss.toFixed(3)}` });
    if (step < TRAIN_STEPS) return;
    clearInterval(timer);
    models.push({
      ...models[0],
      id: randomUUID(),
      name: "street-detector",
      title: "Street detector",
      source: "trained",
      is_default: false,
      job_id: job.id,
      metrics: { map50: 0.46 },
    });
    finish(job, "succeeded", { metrics: values, timings_ms: { train: 1000 } });
  }, TRAIN_MS);
}

function finishedSample(capability, name, title, media_type, data, width, height, rows = null) {
  const upload_id = addUpload(name, media_type, data, width, height, rows);
  const job = addJob({ capability, upload_id });
  begin(job);
  succeed(job);
  const url = `/v1/uploads/${upload_id}/content`;
  const words = { name, title, credit: "Drawn for Glassbox", license: "CC0-1.0" };
  return { ...words, width, height, upload_id, job_id: job.id, url };
}

export const samples = {
  super_resolution: [
    finishedSample("super_resolution", "small.png", "Harbor, small", "image/png", smallHarbor, 200, 140),
  ],
  segmentation: [finishedSample("segmentation", "harbor.png", "Harbor", "image/png", harbor, 800, 560)],
  clustering: [
    finishedSample("clustering", "blobs.csv", "Blobs", "text/csv", Buffer.from(table), null, null, rows),
  ],
  detection: [
    finishedSample("detection", "street.svg", "Street", "image/svg+xml", Buffer.from(street), 800, 560),
  ],
};
