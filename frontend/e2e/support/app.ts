import { test as base, expect, type Page } from "@playwright/test";
import type { Capability, Job, StageSummary } from "../../src/api/types";

/** A page that may ask no other host and log no error. */
export const test = base.extend<{ expectedErrors: RegExp[] }>({
  expectedErrors: [[], { option: true }],
  page: async ({ page, baseURL, expectedErrors }, use) => {
    const problems: string[] = [];
    const own = new URL(baseURL ?? "").hostname;
    page.on("request", (request) => {
      const url = new URL(request.url());
      if (url.hostname !== own && url.protocol !== "blob:")
        problems.push(`asked another host: ${request.url()}`);
    });
    page.on("pageerror", (error) => problems.push(`threw: ${error.message}`));
    page.on("console", (message) => {
      const text = `${message.text()} ${message.location().url}`;
      if (message.type() === "error" && !expectedErrors.some((pattern) => pattern.test(text)))
        problems.push(`logged: ${text}`);
    });
    await use(page);
    expect(problems).toEqual([]);
  },
});
export { expect };

export async function detection(page: Page): Promise<Capability> {
  return (await page.request.get("/v1/capabilities/detection")).json();
}

/** The finished job of the first sample. */
export async function sampleJob(page: Page): Promise<string> {
  const { samples } = await detection(page);
  const id = samples.find((sample) => sample.job_id)?.job_id;
  expect(id, "a sample with a finished job").toBeTruthy();
  return id ?? "";
}

/** Every finished sample job with its stages. */
export async function openedSamples(page: Page): Promise<{ job: string; stages: StageSummary[] }[]> {
  const { items } = await (await page.request.get("/v1/capabilities")).json();
  const jobs = (items as Capability[]).flatMap(
    ({ samples }) => samples.find((sample) => sample.job_id)?.job_id ?? [],
  );
  return Promise.all(
    jobs.map(async (job) => {
      const { stages } = await (await page.request.get(`/v1/jobs/${job}/inspection`)).json();
      return { job, stages };
    }),
  );
}

export const answerOf = (stages: StageSummary[]): StageSummary | undefined =>
  stages.find(({ role }) => role === "answer");

/** A sample job whose answer is of this kind; where the server has none, the test is left out. */
export async function answered(page: Page, kind: string): Promise<string> {
  const found = (await openedSamples(page)).find(({ stages }) => answerOf(stages)?.kind === kind);
  base.skip(!found, `no sample is answered by ${kind}`);
  return found?.job ?? "";
}

/** Where a stage of this kind is shown in the opened box. */
export async function stageAddress(page: Page, kind: string): Promise<string> {
  for (const { job, stages } of await openedSamples(page)) {
    const stage = stages.find((one) => one.kind === kind);
    if (stage) return `/r/${job}?stage=${stage.id}`;
  }
  base.skip(true, `no sample has a stage of the kind ${kind}`);
  return "";
}

/** The picture of a sample in which the detector that ships finds objects, as a file of the user's own. */
export async function pictureFile(page: Page): Promise<{ name: string; mimeType: string; buffer: Buffer }> {
  const { samples } = await detection(page);
  const scene = samples.find(({ name }) => name === "valley") ?? samples[0];
  const response = await page.request.get(scene.url ?? "");
  const mimeType = response.headers()["content-type"].split(";")[0];
  return { name: `mine.${mimeType.split("/")[1]}`, mimeType, buffer: await response.body() };
}

/** A picture that no other test has: it ends with further bytes, which every reader passes over. */
export async function newPicture(page: Page, name = "mine.jpg") {
  const { mimeType, buffer } = await pictureFile(page);
  return { name, mimeType, buffer: Buffer.concat([buffer, Buffer.from(`\n${Date.now()}-${Math.random()}`)]) };
}

async function uploadedPicture(page: Page): Promise<string> {
  const response = await page.request.post("/v1/uploads", { multipart: { file: await newPicture(page) } });
  expect(response.ok(), await response.text()).toBe(true);
  return (await response.json()).id;
}

/** A finished detection whose stages are not computed yet. */
export async function closedJob(page: Page): Promise<Job> {
  const job = await finished(page, await createJob(page, { upload_id: await uploadedPicture(page) }));
  expect(job.inspect).toBe(false);
  return job;
}

export async function createJob(page: Page, body: object): Promise<Job> {
  const response = await page.request.post("/v1/jobs", { data: { capability: "detection", ...body } });
  expect(response.ok(), await response.text()).toBe(true);
  return response.json();
}

/** A training of the fewest steps that still has a curve. */
export async function startTraining(page: Page, steps: number): Promise<Job> {
  const { train_params } = await detection(page);
  const { properties } = train_params as { properties: Record<string, unknown> };
  const params = "steps" in properties ? { steps, batch_size: 2, image_size: 64 } : { epochs: 1 };
  return createJob(page, { task: "train", params });
}

export async function finished(page: Page, job: Job): Promise<Job> {
  const read = async () => (await page.request.get(`/v1/jobs/${job.id}`)).json();
  await expect.poll(async () => (await read()).status, { timeout: 120_000 }).toBe("succeeded");
  return read();
}

/** The answer is drawn. */
export async function answerShown(page: Page): Promise<void> {
  await expect(page.locator(".bench .picture-frame").first()).toBeVisible({ timeout: 40_000 });
}

export const stagesOf = (page: Page) => page.getByRole("list", { name: "Stages" }).getByRole("button");

/** Opens the box where its stages are not kept with the answer. */
export async function openBox(page: Page): Promise<void> {
  const button = page.getByRole("button", { name: "Open the box" });
  await expect(button.or(stagesOf(page).first())).toBeVisible({ timeout: 60_000 });
  // where the stages are kept with the answer the box opens alone, and the button goes
  if (await button.isVisible()) await button.click({ timeout: 10_000 }).catch(() => undefined);
  await expect(stagesOf(page).first()).toHaveAttribute("aria-current", "step", { timeout: 60_000 });
}

export const kept = (page: Page) => page.locator(".bench .funnel-kept strong");

export async function setSlider(page: Page, name: RegExp, value: string): Promise<void> {
  await page.locator(".bench").getByRole("slider", { name }).first().fill(value);
}
