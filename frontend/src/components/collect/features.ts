import { api, path, write, writeOnly } from "../../api/client";
import { after } from "../../api/connection";
import { isFinal, type Job } from "../../api/types";

const WAIT_S = 20;
const POLL_MS = 300;

/** What the frozen network computes of a picture. The answer itself is not kept. */
export async function featuresOf(uploadId: string): Promise<Float32Array> {
  const body = {
    capability: "classification",
    inputs: { image: uploadId },
    params: { features: true },
    inspect: false,
  };
  const headers = { "Content-Type": "application/json", Prefer: `wait=${WAIT_S}` };
  let job = await write<Job>("POST", path("jobs"), body, { headers });
  while (!isFinal(job.status)) {
    await after(POLL_MS);
    job = await api.job(job.id);
  }
  const { features } = (job.result ?? {}) as { features?: number[] };
  const reason = job.error;
  await api.deleteJob(job.id).catch(() => undefined); // it is deleted by age otherwise
  if (!features) throw new Error(reason ?? job.status);
  return Float32Array.from(features);
}

/** The features of a frame that is not kept. */
export async function featuresOfFrame(frame: File): Promise<Float32Array> {
  const upload = await api.createUpload(frame, "?listed=false");
  try {
    return await featuresOf(upload.id);
  } finally {
    void writeOnly("DELETE", path("uploads", upload.id)).catch(() => undefined); // as above
  }
}
