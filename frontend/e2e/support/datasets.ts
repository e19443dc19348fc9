import type { Page } from "@playwright/test";
import type { Dataset, DatasetPicture } from "../../src/api/types";
import { zip } from "../../src/batch/zip";
import { expect, newPicture } from "./app";

export interface PictureFile {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

/** Pictures that no other test has. */
export const newPictures = (page: Page, names: string[]): Promise<PictureFile[]> =>
  Promise.all(names.map((name) => newPicture(page, name)));

/** A ZIP of files, stored as they are. */
export async function archive(
  name: string,
  files: [path: string, content: Buffer | string][],
): Promise<PictureFile> {
  async function* entries() {
    for (const [path, content] of files) yield { name: path, data: new Blob([content as BlobPart]) };
  }
  const buffer = Buffer.from(await (await zip(entries())).arrayBuffer());
  return { name, mimeType: "application/zip", buffer };
}

/** A dataset made by the API with pictures of these classes; null: not labeled. */
export async function newDataset(
  page: Page,
  name: string,
  labels: (string | null)[],
): Promise<{ dataset: Dataset; pictures: DatasetPicture[] }> {
  const made = await page.request.post("/v1/datasets", { data: { name, kind: "classes" } });
  expect(made.ok(), await made.text()).toBe(true);
  const dataset: Dataset = await made.json();
  const files = await newPictures(
    page,
    labels.map((_, index) => `${index}.jpg`),
  );
  const added = [];
  for (const [index, file] of files.entries()) {
    const sent = await page.request.post("/v1/uploads", { multipart: { file } });
    const label = labels[index];
    added.push({ upload_id: (await sent.json()).id, ...(label && { annotation: { label } }) });
  }
  if (added.length === 0) return { dataset, pictures: [] };
  const joined = await page.request.post(`/v1/datasets/${dataset.id}/pictures`, {
    data: { pictures: added },
  });
  expect(joined.ok(), await joined.text()).toBe(true);
  return { dataset, pictures: (await joined.json()).items };
}
