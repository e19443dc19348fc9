import { expect, test } from "vitest";
import { firstItems } from "./lists";
import type { Job, JobList } from "./types";

const jobs = Array.from({ length: 430 }, (_, index) => ({ id: String(index) }) as Job);

/** The list as the server pages it: 422 above 200. */
async function ask({ limit, cursor = "0" }: Record<string, string>): Promise<JobList> {
  const [from, count] = [Number(cursor), Number(limit)];
  if (count < 1 || count > 200) throw new Error(`limit ${limit}`);
  const to = from + count;
  return { items: jobs.slice(from, to), next_cursor: to < jobs.length ? String(to) : null, limit: count };
}

test("more jobs than one page holds are asked for page by page", async () => {
  for (const limit of [25, 200, 225, 400, 425]) {
    const shown = await firstItems(ask, limit);
    expect(shown.items.map(({ id }) => id)).toEqual(jobs.slice(0, limit).map(({ id }) => id));
    expect(shown.next_cursor).toBe(String(limit));
  }
  const all = await firstItems(ask, 450);
  expect(all.items).toHaveLength(430);
  expect(all.next_cursor).toBeNull();
});
