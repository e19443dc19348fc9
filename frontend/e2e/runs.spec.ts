import type { Page } from "@playwright/test";
import { createJob, expect, finished, test } from "./support/app";
import { sidewaysOverflow, violations } from "./support/checks";

/** Trains on the shipped table, by the form. */
async function train(page: Page, name: string, seed: string): Promise<void> {
  await page.goto("/train?capability=tabular");
  await page.getByRole("combobox", { name: "Name of the model" }).fill(name);
  await page.getByRole("spinbutton", { name: "Seed" }).fill(seed);
  await page.getByText("Add description and tags").click();
  await page.getByRole("textbox", { name: "Tags" }).fill("Lesson 1, baseline");
}

const start = (page: Page) => page.getByRole("button", { name: "Start training" }).click();

test("a name that is trained again has a second version, and both are compared, renamed and deleted", async ({
  page,
}) => {
  test.setTimeout(240_000);
  const name = `irises-${Date.now()}`;
  await train(page, name, "0");
  await expect(page.getByText("Makes version 1 of a new model.")).toBeVisible();
  await start(page);
  await expect(page.getByRole("link", { name: "Use this model" })).toBeVisible({ timeout: 120_000 });
  await expect(page.locator(".tags")).toHaveText(/lesson 1\s*baseline/);
  await train(page, name, "7");
  await expect(page.getByText(`${name} exists, in version 1`)).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await start(page);
  await page.getByRole("link", { name: "Compare versions" }).click({ timeout: 120_000 });

  await expect(page.getByRole("row", { name: /^Seed/ }).getByRole("cell")).toHaveText(["7", "0"]);
  const figures = page.getByRole("region", { name: "Figures" });
  await expect(figures.getByRole("row", { name: /^Accuracy/ })).toBeVisible();
  const legend = page.getByRole("region", { name: "Curves" }).locator(".legend").first();
  await expect(legend.getByRole("listitem")).toHaveCount(2);
  expect(await violations(page)).toEqual([]);

  await page.goto(`/models/${name}`);
  await page.getByRole("button", { name: `Rename: ${name}` }).click();
  await page.getByRole("textbox", { name: "Name" }).fill(`${name}-renamed`);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(new RegExp(`/models/${name}-renamed`));
  await page.getByRole("button", { name: "Edit card" }).click();
  await page
    .getByRole("textbox", { name: /Text of the model card/ })
    .fill("# Our irises\n\nFor **class 7b**.");
  await page.getByText("Preview", { exact: true }).click();
  await expect(page.getByRole("heading", { name: "Our irises" })).toBeVisible();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByRole("button", { name: "Edit card" })).toBeVisible();
  await expect(page.getByRole("heading", { name: "Provenance" })).toBeVisible();
  await expect(page.locator(".prose strong")).toHaveText("class 7b");
  await page.emulateMedia({ colorScheme: "dark" });
  await page.setViewportSize({ width: 360, height: 800 });
  expect(await sidewaysOverflow(page)).toBe(0);
  expect(await violations(page)).toEqual([]);

  const versions = page.getByRole("region", { name: "Versions" });
  await versions.getByRole("button", { name: "Delete version" }).first().click();
  await versions.getByRole("button", { name: "Delete permanently?" }).click();
  await expect(versions.getByText(/^version \d/)).toHaveText(["version 1"]);
});

test("tags and a description are written in place, and find a job again", async ({ page }) => {
  const tag = `tag-${Date.now()}`;
  const job = await createJob(page, { task: "train", params: { steps: 1, batch_size: 1, image_size: 64 } });
  await page.goto(`/train/${job.id}`);
  await page.getByRole("button", { name: "Add description and tags" }).click();
  await page.getByRole("textbox", { name: "Description" }).fill("Only to be found.");
  await page.getByRole("textbox", { name: "Tags" }).fill(tag.toUpperCase());
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("link", { name: tag }).click();
  await expect(page).toHaveURL(new RegExp(`/jobs\\?tag=${tag}`));
  await expect(page.locator(".rows tbody tr")).toHaveCount(1);
  expect(await violations(page)).toEqual([]);
  await page.getByRole("button", { name: /Show all/ }).click();
  await expect(page).toHaveURL(/\/jobs$/);
  await finished(page, job);
});

test.describe("a name of Glassbox", () => {
  test.use({ expectedErrors: [/409/] }); // the browser logs the refused request

  test("is refused in its field", async ({ page }) => {
    await page.goto("/train?capability=detection");
    const field = page.getByRole("combobox", { name: "Name of the model" });
    await field.fill("grid-detector");
    await expect(page.getByText("grid-detector is part of Glassbox.")).toBeVisible();
    await expect(field).toHaveAttribute("aria-invalid", "true");
    await start(page);
    await expect(page.getByRole("alert").first()).toContainText("grid-detector");
  });
});
