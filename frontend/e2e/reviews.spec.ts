import type { Page } from "@playwright/test";
import type { Dataset, Job, Review } from "../src/api/types";
import { answerShown, createJob, expect, finished, newPicture, test } from "./support/app";
import { sidewaysOverflow, violations } from "./support/checks";

const NAME = "Ada Lovelace";

/** Every answer of the model waits, as long as the test lasts. */
async function setBand(page: Page, model: string, from: number | null, to: number | null): Promise<void> {
  const response = await page.request.patch(`/v1/models/${model}`, {
    data: { review_from: from, review_to: to },
  });
  expect(response.ok(), await response.text()).toBe(true);
}

async function waiting(page: Page, capability: string, name: string): Promise<Job> {
  const response = await page.request.post("/v1/uploads", {
    multipart: { file: await newPicture(page, name) },
  });
  const { id } = await response.json();
  const model = capability === "detection" ? { model: "grid-detector" } : {};
  const job = await finished(page, await createJob(page, { capability, upload_id: id, ...model }));
  expect(job.review?.status).toBe("waiting");
  return job;
}

async function reviewOf(page: Page, job: Job): Promise<Review> {
  return (await page.request.get(`/v1/reviews/${job.review?.id}`)).json();
}

/** The answer is there, and with it the keys. */
const isOpen = (page: Page) => expect(page.getByRole("button", { name: /^Confirm/ })).toBeVisible();

const row = (page: Page, name: string) => page.locator(".review-list a", { hasText: name });

test.beforeEach(async ({ page }) => {
  await setBand(page, "kinds", 0, 1);
  await setBand(page, "grid-detector", 0, 1);
});

test.afterEach(async ({ page }) => {
  await setBand(page, "kinds", null, null);
  await setBand(page, "grid-detector", null, null);
});

test("answers are confirmed, corrected and rejected by keyboard alone", async ({ page }) => {
  test.slow();
  const mark = Date.now();
  const jobs = [];
  for (const name of ["first", "second", "third"])
    jobs.push(await waiting(page, "classification", `${name}-${mark}.jpg`));
  const created = await page.request.post("/v1/datasets", {
    data: { name: `Seen ${mark}`, kind: "classes" },
  });
  const dataset: Dataset = await created.json();

  await page.goto(`/reviews?id=${jobs[0].review?.id}`);
  await expect(row(page, `first-${mark}`)).toHaveAttribute("aria-current", "true");
  await expect(page.locator(".review-detail .stage-main").first()).toBeVisible({ timeout: 40_000 });
  expect(await violations(page)).toEqual([]);

  // without a name nothing is decided: the key leads to its field
  await page.keyboard.press("1");
  await expect(page.getByLabel("Your name")).toBeFocused();
  await page.keyboard.type(NAME);
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await page.keyboard.press("1");
  await expect(page.locator(".review-status")).toContainText("Confirmed.");
  await expect(row(page, `first-${mark}`)).toHaveCount(0);

  await expect(row(page, `second-${mark}`)).toHaveAttribute("aria-current", "true");
  await expect(page.getByLabel("Your name")).toHaveValue(NAME);
  await page.keyboard.press("j");
  await expect(row(page, `third-${mark}`)).toHaveAttribute("aria-current", "true");
  await page.keyboard.press("k");
  await expect(row(page, `second-${mark}`)).toHaveAttribute("aria-current", "true");

  await isOpen(page);
  await page.keyboard.press("2");
  await expect(page.getByLabel("Correct class")).toBeFocused();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type("otter");
  await page.getByLabel("Add the picture to a dataset").selectOption({ label: dataset.name });
  expect(await violations(page)).toEqual([]);
  await page.getByLabel("Reason").focus();
  await page.keyboard.type("The tail is that of an otter.");
  await page.keyboard.press("Enter");
  await expect(page.locator(".review-status")).toContainText("Corrected.");

  await expect(row(page, `third-${mark}`)).toHaveAttribute("aria-current", "true");
  await isOpen(page);
  await page.keyboard.press("3");
  await page.keyboard.type("Too dark.");
  await page.keyboard.press("Enter");
  await expect(page.locator(".review-status")).toContainText("Rejected.");

  const decided = await Promise.all(jobs.map((job) => reviewOf(page, job)));
  expect(decided.map(({ status }) => status)).toEqual(["confirmed", "corrected", "rejected"]);
  expect(decided.map(({ reviewer }) => reviewer)).toEqual([NAME, NAME, NAME]);
  const { items } = await (await page.request.get(`/v1/datasets/${dataset.id}/pictures`)).json();
  expect(items[0].annotation.label).toBe("otter");
});

test("an answer shows who decided about it, and why, beside what the model answered", async ({ page }) => {
  const job = await waiting(page, "classification", `seen-${Date.now()}.jpg`);
  const decision = { reviewer: NAME, reason: "A tail.", correction: { label: "otter" } };
  await page.request.post(`/v1/reviews/${job.review?.id}/decision`, {
    data: { decision: "corrected", ...decision },
  });
  await page.goto(`/r/${job.id}`);
  const state = page.locator(".review-state");
  await expect(state).toContainText(`corrected by ${NAME}`, { timeout: 30_000 });
  await expect(state).toContainText("A tail.");
  await expect(state).toContainText("Corrected answer: otter");
  const { label } = job.result as { label: string };
  await expect(page.locator(".bench .stage-main").first()).toContainText(label);
  expect(await violations(page)).toEqual([]);

  await page.goto("/reviews");
  await page.getByText("Decided", { exact: true }).click();
  await expect(row(page, job.name)).toContainText("corrected");
});

test("the boxes of an answer are corrected", async ({ page }) => {
  const job = await waiting(page, "detection", `boxes-${Date.now()}.jpg`);
  await page.goto(`/r/${job.id}`);
  await answerShown(page);
  await page.locator(".review-state").getByRole("link", { name: "Decide" }).click();
  await expect(page).toHaveURL(/\/reviews\?id=/);
  await page.getByLabel("Your name").fill(NAME);
  await page.getByRole("button", { name: /^Correct/ }).click();
  const { objects } = job.result as { objects: { label: string }[] };
  const rows = page.locator(".review-objects li");
  await expect(rows).toHaveCount(objects.length);
  await page.getByLabel("Class of object 1").fill("hut");
  for (let n = objects.length; n > 1; n--)
    await page.getByRole("button", { name: `Remove object ${n}` }).click();
  await page.getByLabel("Object 1: right").fill("40");
  await page.getByLabel("Object 1: left").fill("10");
  const canvas = page.getByRole("application");
  await page.getByRole("button", { name: "Box", exact: true }).click();
  const place = await canvas.boundingBox();
  if (!place) throw new Error("the picture is not there");
  await page.mouse.move(place.x + 0.6 * place.width, place.y + 0.6 * place.height);
  await page.mouse.down();
  await page.mouse.move(place.x + 0.8 * place.width, place.y + 0.9 * place.height, { steps: 4 });
  await page.mouse.up();
  await expect(rows).toHaveCount(2);
  await page.getByLabel("Class of object 2").fill("tree");
  expect(await violations(page)).toEqual([]);
  await page.getByLabel("Reason").fill("Only the hut is there.");
  await page.getByRole("button", { name: "Send correction" }).click();
  await expect(page.locator(".review-status")).toContainText("Corrected.");
  const { correction } = await reviewOf(page, job);
  expect(correction?.objects).toHaveLength(2);
  const [typed, drawn] = (correction?.objects ?? []) as { label: string; box: number[] }[];
  expect(typed).toMatchObject({ label: "hut", box: [10, expect.any(Number), 40, expect.any(Number)] });
  const { width, height } = (job.result as { image: { width: number; height: number } }).image;
  const expected = [0.6 * width, 0.6 * height, 0.8 * width, 0.9 * height];
  expect(drawn.label).toBe("tree");
  for (const [index, side] of drawn.box.entries())
    expect(Math.abs(side - expected[index])).toBeLessThan(0.03 * width);
});

test.describe("a decision that comes second", () => {
  test.use({ expectedErrors: [/409/] }); // the browser logs the refused request

  test("is refused, with the name of who was faster", async ({ page }) => {
    const job = await waiting(page, "classification", `twice-${Date.now()}.jpg`);
    await page.goto(`/reviews?id=${job.review?.id}`);
    await page.getByLabel("Your name").fill(NAME);
    await page.request.post(`/v1/reviews/${job.review?.id}/decision`, {
      data: { decision: "rejected", reviewer: "Grace", reason: "Blurred." },
    });
    await page.getByRole("button", { name: /^Confirm/ }).click();
    await expect(page.locator(".review-status")).toContainText("Grace was faster: rejected.");
    expect((await reviewOf(page, job)).reviewer).toBe("Grace");
  });
});

test("the band of a model is set with what its last answers would have meant", async ({ page }) => {
  await waiting(page, "classification", `band-${Date.now()}.jpg`);
  await page.goto("/models/kinds");
  const band = page.getByRole("region", { name: "Review by people" });
  await expect(band).toContainText("Answers with a confidence from 0% to 100% wait.");
  await expect(band).toContainText(/Of the last \d+ answers?, \d+ would have waited \(100%\)/);
  await band.getByRole("slider", { name: "To" }).fill("0.01");
  await expect(band).toContainText("(0%)");
  await band.getByRole("button", { name: "Save the band" }).click();
  await expect(band).toContainText("Answers with a confidence from 0% to 1% wait.");
  await band.getByRole("button", { name: "Let no answer wait" }).click();
  await expect(band).toContainText("No answer waits now.");
  expect(await violations(page)).toEqual([]);
});

for (const colorScheme of ["light", "dark"] as const)
  for (const width of [1280, 360])
    test(`the pages of reviews, ${colorScheme}, ${width} pixels wide`, async ({ page }) => {
      test.slow();
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 780 });
      const job = await waiting(page, "detection", `${colorScheme}-${width}-${Date.now()}.jpg`);
      const looked = async (name: string) => {
        expect(await sidewaysOverflow(page), name).toBe(0);
        expect(await violations(page), name).toEqual([]);
        const path = `test-results/reviews-${name}-${colorScheme}-${width}.png`;
        await page.screenshot({ path, fullPage: true });
      };
      await page.goto(`/reviews?id=${job.review?.id}`);
      await isOpen(page);
      await looked("waiting");
      await page.getByRole("button", { name: /^Correct/ }).click();
      await expect(page.locator(".review-objects li").first()).toBeVisible();
      await looked("correction");
      await page.goto(`/r/${job.id}`);
      await expect(page.locator(".review-state")).toBeVisible();
      await looked("answer");
    });
