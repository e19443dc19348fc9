import type { Page } from "@playwright/test";
import type { Capability, Job } from "../src/api/types";
import { createJob, detection, expect, finished, test } from "./support/app";
import { sidewaysOverflow, violations } from "./support/checks";

const comparison = (page: Page) => page.getByRole("heading", { level: 1, name: "Compare" });

/** Two answers to one sample, which differ in one setting. */
async function twoAnswers(page: Page): Promise<[Job, Job]> {
  const [sample] = (await detection(page)).samples;
  const jobs = await Promise.all(
    [0.31, 0.62].map((score) => createJob(page, { inputs: sample.inputs, params: { score } })),
  );
  return [await finished(page, jobs[0]), await finished(page, jobs[1])];
}

/** In every appearance: nothing wider than the page, nothing that axe finds. */
async function checkAppearances(page: Page): Promise<void> {
  for (const [colorScheme, width] of [
    ["light", 1280],
    ["dark", 360],
  ] as const) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 900 });
    expect(await sidewaysOverflow(page)).toBe(0);
    expect(await violations(page)).toEqual([]);
  }
  await page.setViewportSize({ width: 1280, height: 900 });
}

test("two results of one input stand side by side, with the setting and the stages that differ", async ({
  page,
}) => {
  const [first, second] = await twoAnswers(page);
  await page.goto(`/r/${first.id}`);
  await page.getByRole("link", { name: "Compare" }).click();
  await expect(comparison(page)).toBeVisible();
  await page
    .getByRole("button", { name: /same input/ })
    .first()
    .click();
  await page.goto(`/compare?a=${first.id}&b=${second.id}`);

  const settings = page.getByRole("region", { name: "Settings" });
  await expect(settings).toContainText("1 setting differs");
  const row = settings.getByRole("row", { name: /Score threshold/ });
  await expect(row.getByRole("cell")).toHaveText(["0.31", "0.62"]);
  const answers = page.getByRole("region", { name: "Answers" });
  await expect(answers.locator(".picture-frame")).toHaveCount(2);
  await expect(answers).toContainText("All answer the same input.");
  // zoomed as one
  await answers.getByRole("button", { name: "Zoom in" }).first().click();
  const scaleOf = (index: number) =>
    answers
      .locator(".picture-layers")
      .nth(index)
      .evaluate((element) => new DOMMatrix(getComputedStyle(element).transform).a);
  await expect.poll(() => scaleOf(1)).toBeGreaterThan(1.2);
  await expect.poll(async () => (await scaleOf(0)) - (await scaleOf(1))).toBe(0);

  await page.getByRole("button", { name: "Open the boxes" }).click();
  const stages = page.getByRole("region", { name: "Stages" });
  const choice = stages.getByRole("combobox", { name: "Stage" });
  await expect(choice).toBeVisible({ timeout: 60_000 });
  await choice.selectOption({ index: 1 });
  const title = await choice.locator("option").nth(1).textContent();
  await expect(stages.locator(".stage-title")).toHaveText([new RegExp(`^${title}`), new RegExp(`^${title}`)]);
  // axe takes what a frame cuts off of a zoomed picture for an obstacle to what is below the frame
  await answers.getByRole("button", { name: "Zoom out" }).first().click();
  await expect.poll(() => scaleOf(1)).toBe(1);
  await checkAppearances(page);

  await page
    .getByRole("button", { name: /^Remove .* from the comparison/ })
    .first()
    .click();
  await expect(page).toHaveURL(new RegExp(`/compare\\?a=${second.id}$`));
});

test("rows that are selected in the list of jobs are compared", async ({ page }) => {
  await twoAnswers(page);
  await page.goto("/jobs?capability=detection&status=succeeded");
  const boxes = page.getByRole("checkbox", { name: /^Select .* for comparison/ });
  await boxes.nth(0).check();
  const bar = page.getByRole("region", { name: "Compare" });
  await expect(bar).toContainText("Select at least two.");
  await boxes.nth(1).check();
  expect(await violations(page)).toEqual([]);
  await bar.getByRole("link", { name: "Compare" }).click();
  await expect(page.getByRole("region", { name: "Answers" })).toBeVisible();

  await page.goto("/compare");
  await expect(page.getByText("Choose what to compare")).toBeVisible();
  expect(await violations(page)).toEqual([]);
});

test.describe("what does not exist", () => {
  test.use({ expectedErrors: [/404/] }); // the browser logs the refused request

  test("is named beside what does", async ({ page }) => {
    const [{ job_id }] = (await detection(page)).samples;
    await page.goto(`/compare?a=${job_id}&b=00000000-0000-0000-0000-000000000001&c=model:none@7`);
    await expect(page.getByText(/does not exist, or was deleted/)).toHaveCount(2);
    expect(await violations(page)).toEqual([]);
  });
});

test("several models answer the same sample", async ({ page }) => {
  const { items } = await (await page.request.get("/v1/capabilities")).json();
  const capability = (items as Capability[]).find(
    ({ models, samples, inputs }) =>
      samples.length > 0 &&
      inputs[0]?.kind === "image" &&
      models.filter((one) => one.is_installed).length > 1,
  );
  expect(capability, "a capability with two installed models").toBeTruthy(); // several ship with two
  const [one, other] = capability?.models.filter((model) => model.is_installed) ?? [];
  await page.goto(`/compare?a=model:${one.name}@${one.version}`);
  await page
    .getByRole("button", { name: new RegExp(`${other.name}\\b`) })
    .first()
    .click();
  await expect(page).toHaveURL(new RegExp(`b=model:${other.name}@${other.version}`));
  await page.getByRole("list", { name: "Samples" }).getByRole("button").first().click();
  const answers = page.getByRole("region", { name: "Answers" });
  await expect(answers.locator(".picture-frame").nth(1)).toBeVisible({ timeout: 60_000 });
  await checkAppearances(page);
  await page.getByRole("link", { name: "Compare these results" }).click();
  await expect(page).toHaveURL(/\/compare\?a=[\w-]{36}&b=[\w-]{36}$/);
});
