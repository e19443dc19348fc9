import type { Page } from "@playwright/test";
import { expect, stagesOf, test } from "./support/app";
import { sidewaysOverflow, tabTo, violations } from "./support/checks";

const main = (page: Page) => page.locator(".box-stage .stage-main");
const decodedPicture = (page: Page) => page.locator(".box-stage").getByRole("img", { name: "Decoded" });
/** The gray values of a picture on a canvas, as one text. */
const pixels = (page: Page) =>
  decodedPicture(page).evaluate((canvas: HTMLCanvasElement) =>
    canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height).data.join(","),
  );
const psnr = (page: Page) => page.locator(".box-stage .latent-distance dd").nth(1);

/** From the start page to the opened box, by keyboard alone. */
async function openedByKeyboard(page: Page): Promise<void> {
  await page.goto("/t/waves");
  await tabTo(page, page.getByRole("button", { name: "Run", exact: true }).first());
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/r\/[\w-]+/);
  const open = page.getByRole("button", { name: "Open the box" });
  await expect(open.or(stagesOf(page).first())).toBeVisible({ timeout: 40_000 });
  if (await open.isVisible()) {
    await tabTo(page, open);
    await page.keyboard.press("Enter");
  }
  await expect(stagesOf(page).first()).toHaveAttribute("aria-current", "step", { timeout: 40_000 });
}

async function openedAt(page: Page, stage: string): Promise<void> {
  const response = await page.request.post("/v1/predict/waves", { data: {} });
  expect(response.ok(), await response.text()).toBe(true);
  const { id } = await response.json();
  await page.goto(`/r/${id}?stage=${stage}`);
  await page.getByRole("button", { name: "Open the box" }).or(stagesOf(page).first()).first().waitFor();
  const open = page.getByRole("button", { name: "Open the box" });
  if (await open.isVisible()) await open.click();
  await expect(main(page)).toBeVisible({ timeout: 40_000 });
}

test("samples: from the start to the sheets of every step by keyboard", async ({ page }) => {
  await openedByKeyboard(page);
  await expect(main(page).getByText("Step 400, sheet 4 of 4.")).toBeVisible();
  await expect(main(page).getByRole("columnheader", { name: "z 3" })).toBeVisible();
  const caption = main(page).locator(".sheet-tiles small").first();
  const last = await caption.textContent();
  await tabTo(page, main(page).getByRole("slider", { name: "Step" }));
  await page.keyboard.press("Home");
  await expect(main(page).getByText("Step 0, sheet 1 of 4.")).toBeVisible();
  await expect(caption).not.toHaveText(last ?? "");
  await expect(caption).toHaveText("0.00"); // no contrast before the first step
  await expect(main(page).locator(".legend")).toContainText("sheet on show: Step 0");
  await expect(page).toHaveURL(/at=0/);
  await main(page).getByText("Show as table").last().click();
  await expect(main(page).getByRole("row", { name: "7 second z 2 0.00" })).toBeVisible();
  expect(await violations(page)).toEqual([]);
});

test("latent: z is moved by bars, plane and walk, and the decoded picture follows", async ({ page }) => {
  test.slow();
  await openedAt(page, "latent");
  // z is that of the target, which is rounded to 256 levels
  await expect
    .poll(async () => Number.parseFloat((await psnr(page).textContent()) ?? ""))
    .toBeGreaterThan(50);
  const first = await pixels(page);
  await tabTo(page, page.locator(".box-stage").getByRole("slider", { name: "z 3", exact: true }));
  await page.keyboard.press("End");
  await expect.poll(() => pixels(page)).not.toBe(first);
  await expect.poll(async () => Number.parseFloat((await psnr(page).textContent()) ?? "")).toBeLessThan(30);
  await expect(page).toHaveURL(/z=/);

  await page.locator(".box-stage").getByRole("button", { name: "Reset" }).click();
  await expect.poll(() => pixels(page)).toBe(first);
  await expect(page).not.toHaveURL(/z=/);

  const plane = page.locator(".box-stage").getByRole("group", { name: "Plane of z 1 and z 2." });
  await tabTo(page, plane);
  const place = main(page).locator(".latent-plane [role=status]");
  const before = await place.textContent();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowUp");
  await expect(place).not.toHaveText(before ?? "");
  await expect(stagesOf(page).last()).toHaveAttribute("aria-current", "step"); // the arrows stay in the plane
  await expect.poll(() => pixels(page)).not.toBe(first);

  await tabTo(page, page.locator(".box-stage").getByRole("slider", { name: "Walk: picture 1 → picture 2" }));
  await page.keyboard.press("End");
  await expect(main(page).getByText("100% of the way")).toBeVisible();
  await page.locator(".box-stage").getByRole("combobox", { name: "Class" }).selectOption("bright");
  await main(page)
    .getByRole("checkbox", { name: /decoded pictures/ })
    .check();
  await expect(main(page).locator(".latent-map")).toBeVisible();
  await expect(main(page).getByRole("row", { name: /z 20 .* inactive/ })).toBeVisible();
  expect(await violations(page)).toEqual([]);

  const moved = await pixels(page);
  await page.reload();
  await expect.poll(() => pixels(page).catch(() => ""), { timeout: 40_000 }).toBe(moved);
});

for (const width of [1280, 360])
  for (const theme of ["light", "dark"] as const)
    test(`both kinds fit ${width} pixels and are accessible, ${theme}`, async ({ page }) => {
      test.slow();
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
      await openedAt(page, "training");
      for (const name of ["training", "sheet", "latent"]) {
        await stagesOf(page).nth(["training", "sheet", "latent"].indexOf(name)).click();
        await expect(main(page).locator("canvas").first()).toBeVisible();
        await page.waitForTimeout(300);
        expect(await sidewaysOverflow(page)).toBeLessThanOrEqual(0);
        expect(await violations(page)).toEqual([]);
        await page.screenshot({ path: `test-results/${name}-${width}-${theme}.png`, fullPage: true });
      }
    });
