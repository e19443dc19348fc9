import type { Page } from "@playwright/test";
import type { Job } from "../src/api/types";
import { createJob, expect, finished, test } from "./support/app";
import { sidewaysOverflow, tabTo, violations } from "./support/checks";
import { newDataset } from "./support/datasets";
import { uploaded } from "./support/tables";

/** Loans of two districts: whether they are repaid follows from the income in the north, and hardly in the south. */
function loans(rows: number) {
  const chance = (index: number) => Math.abs((Math.sin(index * 127.1) * 43_758.5453) % 1);
  const lines = Array.from({ length: rows }, (_, row) => {
    const side = row % 3 === 0 ? "south" : "north";
    const income = 10 + 40 * chance(row + 0.3);
    const repaid = side === "north" ? income > 30 : chance(row + 0.7) > 0.5;
    return [income.toFixed(1), 20 + (row % 40), side, repaid ? "repaid" : "default"].join(",");
  });
  const text = ["income,age,side,outcome", ...lines, ""].join("\n");
  return { name: "loans.csv", mimeType: "text/csv", buffer: Buffer.from(text) };
}

interface Setting {
  upload: string;
  model: string;
}

/** A model that learned from the loans, and their table. */
async function trained(page: Page): Promise<Setting> {
  const upload = await uploaded(page, loans(900));
  const name = `loans-${Date.now()}`;
  const training = await createJob(page, {
    capability: "tabular",
    task: "train",
    inputs: { dataset: upload },
    params: { features: ["income", "age"] },
    model_name: name,
  });
  await finished(page, training);
  return { upload, model: name };
}

const audited = async (page: Page, { upload, model }: Setting): Promise<Job> =>
  finished(
    page,
    await createJob(page, {
      capability: "tabular",
      task: "audit",
      model,
      inputs: { table: upload },
      params: { group: "side" },
    }),
  );

test("a model is audited by a column, and the audit becomes a section of its card", async ({ page }) => {
  const { upload, model } = await trained(page);
  await page.goto("/audits");
  await page.getByRole("link", { name: /^Audit a model/ }).click();
  await expect(page.getByRole("button", { name: "Start the audit" })).toBeDisabled(); // without data
  await page.goto(`/audits/new?model=${model}@1&upload=${upload}`);
  await expect(page.getByText("900 rows in the table.")).toBeVisible();
  await page.getByRole("combobox", { name: "Group", exact: true }).selectOption("side");
  expect(await violations(page)).toEqual([]);
  await page.getByRole("button", { name: "Start the audit" }).click();
  await expect(page).toHaveURL(/\/r\//);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Audit: Regression and classification");

  const accuracy = page.locator(".measure", { has: page.getByRole("heading", { name: "Accuracy" }) });
  await expect(accuracy.locator(".gap")).toContainText(/^south is [\d.]+ percentage points below north/, {
    timeout: 30_000,
  });
  await expect(accuracy.locator(".gap")).toContainText("Chance alone rarely makes such a gap");
  await expect(page.getByText("Limitations:")).toBeVisible();

  await page.getByRole("button", { name: "Add to the model card" }).click();
  await page.getByRole("textbox", { name: "Audited by" }).fill("Ada");
  await page.getByRole("textbox", { name: "Intended use" }).fill("Exercises only.");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("link", { name: "Model card" }).click();
  await expect(page.getByRole("heading", { name: /^Audit of / })).toBeVisible();
  await expect(page.getByText("Exercises only.")).toBeVisible();
  await expect(page.getByText("by Ada").first()).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await page.getByRole("button", { name: "Remove from the card" }).click();
  await page.getByRole("button", { name: "Delete permanently?" }).click();
  await expect(page.getByRole("heading", { name: /^Audit of / })).toHaveCount(0);
});

test("behind a bar are the rows, each of which opens its own box; all by keyboard", async ({ page }) => {
  const { id } = await audited(page, await trained(page));
  await page.goto(`/r/${id}`);
  const bar = page.getByRole("button", { name: "south: show what is behind its bars" }).first();
  await tabTo(page, bar);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("combobox", { name: "Group", exact: true })).toBeFocused();
  const row = page.locator("button.example").first();
  await expect(row).toContainText(/Row \d+.*actual (repaid|default)/);
  await row.click();
  await expect(page).toHaveURL(/\/r\/[^/]+\/box$/);
  expect(page.url()).not.toContain(id);
  await expect(page.getByRole("list", { name: "Stages" })).toBeVisible({ timeout: 30_000 });
});

test("the pictures behind a bar are shown, and one opens its own box", async ({ page }) => {
  const { dataset } = await newDataset(page, `Tools ${Date.now()}`, ["tool", "tool", "tool", "fish"]);
  const frozen = await page.request.post(`/v1/datasets/${dataset.id}/versions`, {
    data: { validation_share: 0, test_share: 0, seed: 0, keep_splits: false },
  });
  await finished(page, await frozen.json());
  const job = await createJob(page, {
    capability: "classification",
    task: "audit",
    dataset_id: dataset.id,
    params: { part: "all", least: 1 },
  });
  await finished(page, job);
  await page.goto(`/datasets/${dataset.id}`);
  await expect(page.getByRole("link", { name: "Audit this dataset" })).toBeVisible();
  await page.goto(`/r/${job.id}`);
  await page
    .getByRole("button", { name: /^tool: show/ })
    .first()
    .click();
  const tile = page.locator("button.example", { has: page.locator("img") }).first();
  await expect(tile).toContainText("actual tool");
  await tile.click();
  await expect(page).toHaveURL(/\/box$/);
  await expect(page.getByRole("list", { name: "Stages" })).toBeVisible({ timeout: 60_000 });
});

let shared: { setting: Setting; job: Job } | null = null; // trained and audited once

async function sharedAudit(page: Page) {
  if (!shared) {
    const setting = await trained(page);
    shared = { setting, job: await audited(page, setting) };
  }
  return shared;
}

for (const colorScheme of ["light", "dark"] as const)
  for (const width of [1280, 360])
    test(`the pages of audits, ${colorScheme}, ${width} pixels wide`, async ({ page }) => {
      const {
        setting,
        job: { id },
      } = await sharedAudit(page);
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      const paths = {
        start: "/audits",
        new: `/audits/new?model=${setting.model}@1&upload=${setting.upload}`,
        result: `/r/${id}`,
      };
      for (const [name, path] of Object.entries(paths)) {
        await page.goto(path);
        await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
        if (name === "result") await expect(page.locator(".group-bar").first()).toBeVisible();
        else await page.waitForLoadState("networkidle");
        expect(await sidewaysOverflow(page), name).toBeLessThanOrEqual(0);
        expect(await violations(page), name).toEqual([]);
        await page.screenshot({
          path: `test-results/audits-${name}-${colorScheme}-${width}.png`,
          fullPage: true,
        });
      }
    });
