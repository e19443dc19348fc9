import type { Capability } from "../src/api/types";
import { expect, stagesOf, test } from "./support/app";
import { sidewaysOverflow, tabTo, violations } from "./support/checks";

test("a garment is drawn by keyboard, synthesized, and drawn on beside the answer", async ({ page }) => {
  test.setTimeout(180_000);
  const { inputs }: Capability = await (await page.request.get("/v1/capabilities/synthesis")).json();
  const sketch = inputs[0].sketch;
  expect(sketch).toMatchObject({ width: 28, height: 28, background: "#000000" });
  await page.goto("/t/synthesis");
  const canvas = page.getByRole("application", { name: "Canvas, 28 × 28 pixels" });
  await tabTo(page, canvas);
  for (const [key, count] of [
    ["ArrowLeft", 7],
    ["ArrowUp", 7],
  ] as const) // to the upper left corner of a box
    for (let step = 0; step < count; step++) await page.keyboard.press(key);
  for (const key of ["ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp"])
    for (let step = 0; step < 14; step++) await page.keyboard.press(`Shift+${key}`);
  await expect(page.getByText("Column 8, row 8: line")).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await tabTo(page, page.getByRole("button", { name: "Run on this drawing" }));
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/r\/[\w-]+/);
  await expect(page.locator(".page-head .lead")).toHaveText("drawing.png");
  await expect(page.locator(".bench > .stage-main:not([aria-busy])")).toBeVisible({ timeout: 90_000 });
  await expect(
    stagesOf(page)
      .first()
      .or(page.getByRole("button", { name: "Open the box" })),
  ).toBeVisible({
    timeout: 90_000,
  });
  await expect(canvas).toBeVisible();
  for (const width of [1280, 360]) {
    await page.setViewportSize({ width, height: 900 });
    expect(await sidewaysOverflow(page)).toBeLessThanOrEqual(0);
  }
  expect(await violations(page)).toEqual([]);
  await page.screenshot({ path: "test-results/sketch-result.png", fullPage: true });
});

test("a sample is loaded into the canvas to go on drawing", async ({ page }) => {
  await page.goto("/t/synthesis");
  const run = page.getByRole("button", { name: "Run on this drawing" });
  await expect(run).toBeDisabled();
  await page.getByRole("combobox", { name: "Start from" }).selectOption({ index: 1 });
  await expect(run).toBeEnabled();
  const painted = () =>
    page.locator(".sketch-frame canvas").evaluate((canvas: HTMLCanvasElement) => {
      const { data } = canvas.getContext("2d")?.getImageData(0, 0, 28, 28) ?? { data: [] };
      const reds = [...data].filter((_, index) => index % 4 === 0);
      return {
        white: reds.filter((red) => red === 255).length,
        black: reds.filter((red) => red === 0).length,
      };
    });
  const { white, black } = await painted();
  expect(white).toBeGreaterThan(20);
  expect(white + black).toBe(28 * 28);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(run).toBeDisabled();
});
