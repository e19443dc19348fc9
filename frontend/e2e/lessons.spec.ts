import { LESSONS, presetAddress } from "../src/lessons/lessons";
import { expect, test } from "./support/app";
import { sidewaysOverflow, violations } from "./support/checks";

test("every lesson has a page that it opens", async ({ page }) => {
  const { items } = await (await page.request.get("/v1/capabilities")).json();
  const taught = LESSONS.filter(({ preset }) => presetAddress(preset, items));
  await page.goto("/lessons");
  await expect(page.locator(".lesson-topics .row-link")).toHaveCount(taught.length);
  for (const { name } of taught) {
    await page.goto(`/lessons/${name}`);
    const open = page.getByRole("link", { name: "Open the page of this lesson" });
    const address = (await open.getAttribute("href")) ?? "";
    const title = await page.getByRole("heading", { level: 1 }).textContent();
    await page.goto(address);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await expect(page.getByRole("heading", { level: 1 })).not.toHaveText(title ?? "");
    await expect(page.getByText("Not found")).toHaveCount(0);
  }
});

test("the answer is hidden until it is asked for, and a teacher's link has none", async ({ page }) => {
  await page.goto("/lessons/berkeley");
  const answer = page.getByText("In four: A");
  await expect(answer).toBeHidden();
  await page.getByText("Show the answer").click();
  await expect(answer).toBeVisible();
  await page.getByRole("button", { name: "Copy link without the answer" }).click();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  await page.goto(link);
  await expect(page.getByRole("heading", { name: "Question" })).toBeVisible();
  await expect(page.getByText("Show the answer")).toHaveCount(0);
  await expect(answer).toHaveCount(0);
});

test("the question on Berkeley is answered by its page", async ({ page }) => {
  await page.goto("/lessons/berkeley");
  await page.getByRole("link", { name: "Open the page of this lesson" }).click();
  await page.getByRole("button", { name: "Run on this table" }).first().click();
  await expect(page).toHaveURL(/\/r\//, { timeout: 30_000 });
  await page
    .getByRole("button", { name: /gender × department/ })
    .first()
    .click();
  const stage = page.locator(".box-stage");
  for (const [women, men] of [
    ["82.4%", "62.1%"],
    ["68.0%", "63.0%"],
    ["34.9%", "33.1%"],
    ["7.0%", "5.9%"],
  ]) {
    await expect(stage.getByText(women).first()).toBeVisible();
    await expect(stage.getByText(men).first()).toBeVisible();
  }
  await expect(stage.locator(".is-few", { hasText: "woman × B" })).toBeVisible();
});

test("a lesson is printed without what surrounds it", async ({ page }) => {
  await page.goto("/lessons/errors");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await page.emulateMedia({ media: "print" });
  await expect(page.getByRole("navigation").first()).toBeHidden();
  await expect(page.getByRole("heading", { name: "Question" })).toBeVisible();
  await expect(page.getByText("Show the answer")).toBeHidden();
});

for (const colorScheme of ["light", "dark"] as const)
  for (const width of [1280, 360])
    test(`the lessons, ${colorScheme}, ${width} pixels wide`, async ({ page }) => {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      for (const name of ["", "/thresholds"]) {
        await page.goto(`/lessons${name}`);
        await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
        expect(await sidewaysOverflow(page)).toBeLessThanOrEqual(0);
        expect(await violations(page)).toEqual([]);
        await page.screenshot({
          path: `test-results/lessons${name.replace("/", "-")}-${colorScheme}-${width}.png`,
          fullPage: true,
        });
      }
    });
