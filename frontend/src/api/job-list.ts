import type { JobList } from "./types";

const MOST = 200; // what the server gives at once

/** The first `limit` jobs, however many pages they are on. */
export async function firstJobs(
  ask: (page: Record<string, string>) => Promise<JobList>,
  limit: number,
): Promise<JobList> {
  const items: JobList["items"] = [];
  let next: string | null = null;
  do {
    const count = String(Math.min(limit - items.length, MOST));
    const page: JobList = await ask({ limit: count, ...(next && { cursor: next }) });
    items.push(...page.items);
    next = page.next_cursor ?? null;
  } while (next && items.length < limit);
  return { items, next_cursor: next, limit };
}
