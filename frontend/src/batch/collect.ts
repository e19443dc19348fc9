import { ApiError, api } from "../api/client";
import type { Job } from "../api/types";

const PAGE = "200";
const MAX_PAGES = 3;
const MAX_SINGLE = 8;

/**
 * The jobs of these ids, by as few requests as there are pages: the newest are in the list together. Others are
 * requested one by one, a few each time. An ApiError in its place: the job no longer exists.
 */
export async function collect(capability: string, ids: string[]): Promise<Map<string, Job | ApiError>> {
  const found = new Map<string, Job | ApiError>();
  const missing = new Set(ids);
  let cursor: string | null = null;
  for (let page = 0; page < MAX_PAGES && missing.size > 0; page++) {
    const list = await api.jobs({ capability, task: "predict", limit: PAGE, ...(cursor && { cursor }) });
    for (const job of list.items) if (missing.delete(job.id)) found.set(job.id, job);
    cursor = list.next_cursor;
    if (!cursor) break;
  }
  for (const id of [...missing].slice(0, MAX_SINGLE)) {
    const job = await api.job(id).catch((error: unknown) => {
      if (error instanceof ApiError && [404, 422].includes(error.status)) return error;
      throw error;
    });
    found.set(id, job);
  }
  return found;
}
