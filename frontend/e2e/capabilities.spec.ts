import { existsSync, readdirSync } from "node:fs";
import type { Capability } from "../src/api/types";
import { expect, openBox, stagesOf, test } from "./support/app";

const MODELS = new URL("../../models/", import.meta.url);
const NAMES = readdirSync(MODELS).filter((name) => existsSync(new URL(`${name}/card.py`, MODELS)));

for (const name of NAMES)
  test(`${name}: from a dropped file to every stage of the opened box`, async ({ page }) => {
    test.setTimeout(180_000);
    const answer = await page.request.get(`/v1/capabilities/${name}`);
    test.skip(!answer.ok(), "not offered by this server");
    const { samples, inputs }: Capability = await answer.json();
    const sample = samples[0];
    test.skip(!sample?.url, "no sample to drop");
    const file = await page.request.get(sample?.url ?? "");
    await page.goto(`/t/${name}`);
    await page
      .locator(".drop input[type=file]")
      .first()
      .setInputFiles({
        name: `my-${sample?.name}`,
        mimeType: (file.headers()["content-type"] ?? "").split(";")[0],
        // a byte more, which every reader passes over: the stored answer to the sample is not asked for
        buffer: Buffer.concat([await file.body(), Buffer.from("\n")]),
      });
    if (inputs[0]?.kind === "table")
      await page.getByRole("button", { name: "Run on this table" }).first().click();
    else if (inputs.length > 1) {
      await expect(page).toHaveURL(/inputs=/); // the others are optional
      await page.getByRole("button", { name: "Run", exact: true }).first().click();
    }

    await expect(page).toHaveURL(/\/r\/[\w-]+/, { timeout: 60_000 });
    // the answer first: it needs no stage
    await expect(page.locator(".bench > .stage-main:not([aria-busy])")).toBeVisible({ timeout: 60_000 });
    await page.screenshot({ path: `test-results/drop-${name}.png`, fullPage: true });
    await openBox(page);
    const stages = stagesOf(page);
    const count = await stages.count();
    expect(count).toBeGreaterThan(2);
    for (let step = 0; step < count; step++) {
      await stages.nth(step).click();
      await expect(stages.nth(step)).toHaveAttribute("aria-current", "step");
      await expect(page.locator(".box-stage .stage-main").first()).toBeVisible();
      const images = page.locator(".box-stage img");
      await expect
        .poll(() =>
          images.evaluateAll((all: HTMLImageElement[]) => all.every((each) => each.naturalWidth > 0)),
        )
        .toBe(true);
      await page.screenshot({ path: `test-results/drop-${name}-${step}.png`, fullPage: true });
    }
  });

test("a page in German tells what the server says in German too, and English again on wish", async ({
  page,
}) => {
  await page.goto("/t/detection");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Object detection");
  await page.getByRole("combobox", { name: "Language" }).selectOption("de");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Objekterkennung");
  await page.getByRole("combobox", { name: "Sprache" }).selectOption("en");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Object detection");
});
