import type { Page } from "@playwright/test";
import type { Job } from "../src/api/types";
import { expect, finished, test } from "./support/app";
import { sidewaysOverflow, tabTo, violations } from "./support/checks";
import { leaves, uploaded } from "./support/tables";

const FITS = 12;
const PARAMS = { target: "tree", method: "logistic regression", epochs: 2 };

/** A sweep over two settings with three seeds. */
async function startSweep(page: Page, axes: object[]): Promise<Job> {
  const upload_id = await uploaded(page, leaves("leaves.csv", 60));
  const data = { capability: "tabular", of: "train", upload_id, params: PARAMS, axes, seeds: [0, 1, 2] };
  const response = await page.request.post("/v1/sweeps", { data });
  expect(response.ok(), await response.text()).toBe(true);
  return response.json();
}

const AXES = [
  { param: "C", values: [0.001, 1] },
  { param: "class_weight", values: ["none", "balanced"] },
];

test("a sweep is chosen, counted, started, and fills its cells", async ({ page }) => {
  await page.goto("/sweeps");
  await page.getByRole("link", { name: "New sweep" }).click();
  await page.getByLabel("Capability").selectOption("tabular");
  await page.getByText("Which iris is it?").click();
  await page.getByLabel("Setting 1").selectOption("C");
  const start = page.getByRole("button", { name: "Start the sweep" });
  await expect(start).toBeDisabled();

  await page.getByLabel("Values of Inverse regularization (C)").fill("1, 1");
  await expect(page.getByRole("alert")).toHaveText("Twice: 1");
  await page.getByText("Range", { exact: true }).click();
  await page.getByLabel("From", { exact: true }).fill("0.1");
  await page.getByLabel("To", { exact: true }).fill("10");
  await page.getByLabel("Number of values").fill("3");
  await page.getByRole("button", { name: "Fill in" }).click();
  await expect(page.getByLabel("Values of Inverse regularization (C)")).toHaveValue("0.1, 1, 10");
  await expect(page.getByText("9 fits: 3 settings × 3 seeds")).toBeVisible();

  const seeds = Array.from({ length: 200 }, (_, seed) => seed).join();
  await page.getByRole("textbox", { name: "Seeds" }).fill(seeds);
  await expect(page.getByRole("alert")).toHaveText("600 fits are too many: a sweep has at most 500.");
  await expect(start).toBeDisabled();

  await page.getByRole("textbox", { name: "Seeds" }).fill("0, 1");
  await start.click();
  await expect(page).toHaveURL(/\/sweeps\/[\w-]{36}$/);
  await expect(page.getByText(/Best setting.*Inverse regularization \(C\)/)).toBeVisible({ timeout: 60_000 });
  await expect(page.getByRole("button", { name: "Delete" })).toBeVisible({ timeout: 60_000 });
});

test("a cell shows its spread and its fits, and a fit opens", async ({ page }) => {
  const job = await finished(page, await startSweep(page, AXES));
  await page.goto(`/r/${job.id}`);
  await expect(page).toHaveURL(`/sweeps/${job.id}`);

  const cells = page.locator(".heat-cell");
  await expect(cells).toHaveCount(FITS / 3);
  await tabTo(page, cells.first());
  await page.keyboard.press("ArrowDown");
  const status = page.locator(".sweep-part [role=status]").first();
  await expect(status).toContainText("with 3 seeds");
  await page.keyboard.press("Enter");
  const fits = page.locator(".sweep-setting li");
  await expect(fits).toHaveCount(3);
  await expect(page).toHaveURL(/pick=\d/);

  await fits.first().getByRole("link", { name: "seed 0" }).click();
  await expect(page).toHaveURL(/\/train\//);
  await expect(page.getByRole("heading", { name: "A fit of a sweep" })).toBeVisible();
  await page.getByRole("link", { name: "All fits" }).click();
  await expect(page.getByRole("heading", { name: "Heat map" })).toBeVisible();
  await expect(page.getByRole("group", { name: "All fits" }).getByRole("row")).toHaveCount(FITS + 1);
});

test("a sweep is canceled as one, and the missing fits are run later", async ({ page }) => {
  const many = [{ param: "C", values: Array.from({ length: 100 }, (_, index) => index + 1) }];
  const job = await startSweep(page, many);
  await page.goto(`/sweeps/${job.id}`);
  const cancel = page.getByRole("button", { name: "Cancel the sweep" });
  await cancel.click();
  const sure = page.getByRole("button", { name: "Stop? Ended fits are kept." });
  if (await sure.isVisible()) await sure.click();
  await expect(page.getByText("Canceled").first()).toBeVisible({ timeout: 30_000 });
  await page.getByRole("button", { name: "Run the missing fits" }).click();
  await expect(page.getByRole("button", { name: "Cancel the sweep" })).toBeVisible({ timeout: 30_000 });
  await page.request.post(`/v1/jobs/${job.id}/cancel`);
});

for (const colorScheme of ["light", "dark"] as const)
  test(`sweeps can be read by everybody, on a phone too, ${colorScheme}`, async ({ page }) => {
    test.slow(); // six pages are looked at
    const job = await finished(page, await startSweep(page, AXES));
    await page.emulateMedia({ colorScheme });
    for (const width of [1280, 360]) {
      await page.setViewportSize({ width, height: 900 });
      const form = "/sweeps/new?capability=tabular&axes=C:0.1,1;class_weight:none,balanced";
      for (const address of ["/sweeps", form, `/sweeps/${job.id}?pick=1`]) {
        await page.goto(address);
        await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
        if (address.includes("pick")) await expect(page.locator(".sweep-setting")).toBeVisible();
        expect(await violations(page), `${address} at ${width}`).toEqual([]);
        expect(await sidewaysOverflow(page), `${address} at ${width}`).toBeLessThanOrEqual(0);
      }
    }
  });

test("compared sweeps link to their pages", async ({ page }) => {
  test.slow(); // two sweeps are run
  const sweeps = [];
  for (const axis of AXES) sweeps.push(await finished(page, await startSweep(page, [axis])));
  await page.goto(`/compare?a=${sweeps[0].id}&b=${sweeps[1].id}`);
  const links = page.getByRole("link", { name: /^Sweep: / });
  await expect(links).toHaveCount(2, { timeout: 40_000 });
  await expect(links.first()).toHaveAttribute("href", `/sweeps/${sweeps[0].id}`);
});
