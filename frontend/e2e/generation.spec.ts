import { expect, stagesOf, test } from "./support/app";
import { sidewaysOverflow, tabTo, violations } from "./support/checks";

test("generation: from the start page to every stage of the opened box by keyboard", async ({ page }) => {
  test.setTimeout(180_000);
  await page.goto("/t/generation");
  await tabTo(page, page.getByRole("button", { name: "Run", exact: true }).first());
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/r\/[\w-]+/, { timeout: 60_000 });
  await expect(page.locator(".bench > .stage-main:not([aria-busy])")).toBeVisible({ timeout: 60_000 });
  const open = page.getByRole("button", { name: "Open the box" });
  await expect(open.or(stagesOf(page).first())).toBeVisible({ timeout: 40_000 });
  if (await open.isVisible()) {
    await tabTo(page, open);
    await page.keyboard.press("Enter");
  }
  const stages = stagesOf(page);
  await expect(stages.first()).toHaveAttribute("aria-current", "step", { timeout: 60_000 });
  const count = await stages.count();
  expect(count).toBeGreaterThan(3);
  for (let step = 0; step < count; step++) {
    await stages.nth(step).focus();
    await page.keyboard.press("Enter");
    await expect(stages.nth(step)).toHaveAttribute("aria-current", "step");
    await expect(page.locator(".box-stage .stage-main").first()).toBeVisible();
    await page.screenshot({ path: `test-results/generation-${step}.png`, fullPage: true });
  }
  expect(await violations(page)).toEqual([]);
});

for (const width of [1280, 360])
  for (const theme of ["light", "dark"] as const)
    test(`generated pictures fit ${width} pixels and are accessible, ${theme}`, async ({ page }) => {
      test.slow();
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
      const body = { params: { seed: 3, count: 8 } };
      const response = await page.request.post("/v1/predict/generation", { data: body });
      expect(response.ok(), await response.text()).toBe(true);
      await page.goto(`/r/${(await response.json()).id}`);
      await expect(page.locator(".bench > .stage-main:not([aria-busy])")).toBeVisible({ timeout: 60_000 });
      expect(await sidewaysOverflow(page)).toBeLessThanOrEqual(0);
      expect(await violations(page)).toEqual([]);
      await page.screenshot({ path: `test-results/generated-${width}-${theme}.png`, fullPage: true });
    });
