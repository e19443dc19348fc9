import { expect, stagesOf, test } from "./support/app";
import { sidewaysOverflow, violations } from "./support/checks";

for (const width of [1280, 360])
  for (const theme of ["light", "dark"] as const)
    test(`the share of a group is moved, ${theme}, ${width} pixels wide`, async ({ page }) => {
      test.slow();
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
      const answer = await page.request.get("/v1/capabilities/depixelization");
      const { samples } = await answer.json();
      await page.goto(`/r/${samples[0].job_id}?stage=shares`);
      const stage = page.locator(".box-stage .stage-main").first();
      const slider = stage.getByRole("slider").first();
      await expect(slider).toBeVisible({ timeout: 60_000 });
      const seen = stage.locator(".sheet-tiles small");
      const rare = await seen.allTextContents();
      await slider.focus();
      await page.keyboard.press("End");
      await expect.poll(() => seen.allTextContents()).not.toEqual(rare);
      expect(await sidewaysOverflow(page)).toBeLessThanOrEqual(0);
      expect(await violations(page)).toEqual([]);
      await page.screenshot({ path: `test-results/shares-${width}-${theme}.png`, fullPage: true });
      await expect(stagesOf(page)).toHaveCount(8);
    });
