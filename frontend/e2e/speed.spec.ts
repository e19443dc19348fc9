/** How fast the networks are that run in the page: measured and printed, never a failure on a slow machine. */
import type { Page } from "@playwright/test";
import { expect, stagesOf, test } from "./support/app";

const SECONDS = 4;
const MOVES = 120;
const report = (what: string, value: number, unit: string) =>
  console.log(`speed: ${what}: ${value.toFixed(1)} ${unit}`);

/** Seconds that the page's own thread has been busy: scripts, layout and paint. */
async function busySeconds(page: Page): Promise<() => Promise<number>> {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  return async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    return metrics.find((metric) => metric.name === "TaskDuration")?.value ?? 0;
  };
}

test("frames a second of the GAN in two dimensions with 256 points", async ({ page }) => {
  await page.goto("/gan");
  await page.getByRole("button", { name: "Play", exact: true }).click();
  await page.waitForTimeout(1000);
  const frames = await page.evaluate(async (seconds) => {
    const made = document.querySelector(".gan-made");
    let changed = 0;
    let before = made?.getAttribute("d");
    const end = performance.now() + 1000 * seconds;
    while (performance.now() < end) {
      await new Promise(requestAnimationFrame);
      const now = made?.getAttribute("d");
      if (now !== before) changed++;
      before = now;
    }
    return changed;
  }, SECONDS);
  report("frames a second of the GAN, points moved", frames / SECONDS, "1/s");
  expect(frames).toBeGreaterThan(0);
});

for (const model of ["variational-2", "faces-variational-16"])
  test(`milliseconds to decode under the cursor, ${model}`, async ({ page }) => {
    test.setTimeout(120_000);
    const response = await page.request.post("/v1/predict/autoencoding", {
      data: { model, params: { seed: 1 } },
    });
    expect(response.ok(), await response.text()).toBe(true);
    await page.goto(`/r/${(await response.json()).id}`);
    const open = page.getByRole("button", { name: "Open the box" });
    await expect(open.or(stagesOf(page).first())).toBeVisible({ timeout: 40_000 });
    if (await open.isVisible()) await open.click();
    const plane = page.locator(".latent-plane svg").first();
    for (let step = 0; (await plane.count()) === 0; step++) {
      await stagesOf(page).nth(step).click();
      await expect(page.locator(".box-stage .stage-main").first()).toBeVisible();
    }
    await plane.scrollIntoViewIfNeeded();
    await page.waitForTimeout(1000); // until nothing else is drawn
    const frame = await plane.boundingBox();
    if (!frame) throw new Error("the plane has no size");
    const busy = await busySeconds(page);
    const before = await busy();
    for (let move = 0; move < MOVES; move++)
      await page.mouse.move(
        frame.x + frame.width * (0.2 + (0.6 * move) / MOVES),
        frame.y + frame.height * (0.5 + 0.3 * Math.sin(move / 9)),
      );
    report(
      `${model}, decode and draw under the cursor`,
      (1000 * ((await busy()) - before)) / MOVES,
      "ms a move",
    );
  });
