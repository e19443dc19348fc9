import { expect, type Page } from "@playwright/test";
import type { Job, StageSummary } from "../../src/api/types";

export interface TableFile {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

const file = (name: string, lines: (string | number)[][]): TableFile => ({
  name,
  mimeType: "text/csv",
  buffer: Buffer.from(`${lines.map((cells) => cells.join(",")).join("\n")}\n`),
});

const MIDDLES = [
  [2, 2],
  [6, 3],
  [4, 7],
];
const KINDS = ["oak", "elm", "fir"];

/** Numbers that look like chance and are the same each time. */
const chance = (index: number) => (Math.sin(index * 127.1) * 43_758.5453) % 1;

/** Leaves of three kinds of trees, far enough apart to be separable. */
export function leaves(name: string, rows: number, start = 0): TableFile {
  const lines = Array.from({ length: rows }, (_, place) => {
    const index = start + place;
    const [x, y] = MIDDLES[index % 3];
    return [
      (x + chance(index * 2) * 1.3).toFixed(2),
      (y + chance(index * 2 + 1) * 1.3).toFixed(2),
      (30 + 20 * (index % 3) + chance(index * 3) * 8).toFixed(0),
      chance(index + 0.5) > 0 ? "north" : "south",
      KINDS[index % 3],
    ];
  });
  return file(name, [["length (cm)", "width (cm)", "age (y)", "side", "tree"], ...lines]);
}

/** What three shops, called by numbers, sold day by day; cells cut by semicolons. */
export function sales(name: string, days: number): TableFile {
  const lines = Array.from({ length: days }, (_, index) => {
    const day = new Date(Date.UTC(2024, 0, 1 + index));
    const isWeekend = day.getUTCDay() % 6 === 0;
    const sold = 100 + index + (isWeekend ? 40 : 0) + chance(index);
    return [
      day.toISOString().slice(0, 10),
      10 * (1 + (index % 3)),
      isWeekend ? "poor" : "good",
      sold.toFixed(1),
    ];
  });
  const { buffer, ...rest } = file(name, [["day", "shop", "mark", "sold"], ...lines]);
  return { ...rest, buffer: Buffer.from(buffer.toString().replaceAll(",", ";")) };
}

/** The same without what is to be said of them. */
export function unnamed(name: string, rows: number): TableFile {
  const { buffer, ...rest } = leaves(name, rows, 1_000);
  const lines = buffer.toString().trim().split("\n");
  return { ...rest, buffer: Buffer.from(`${lines.map((line) => line.replace(/,[^,]*$/, "")).join("\n")}\n`) };
}

export async function uploaded(page: Page, { name, mimeType, buffer }: TableFile): Promise<string> {
  const response = await page.request.post("/v1/uploads", {
    multipart: { file: { name, mimeType, buffer } },
  });
  expect(response.ok(), await response.text()).toBe(true);
  return (await response.json()).id;
}

/** The stages of a fit to the leaves. */
export async function fitted(page: Page, params: object): Promise<{ job: string; stages: StageSummary[] }> {
  const upload_id = await uploaded(page, leaves("leaves.csv", 150));
  const data = { capability: "tabular", upload_id, params };
  const response = await page.request.post("/v1/jobs", { data, headers: { Prefer: "wait=30" } });
  const job: Job = await response.json();
  expect(job.error).toBeNull();
  expect(job.status).toBe("succeeded");
  const { stages } = await (await page.request.get(`/v1/jobs/${job.id}/inspection`)).json();
  return { job: job.id, stages };
}
