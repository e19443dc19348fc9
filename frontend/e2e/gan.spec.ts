import type { Page } from "@playwright/test";
import { expect, test } from "./support/app";
import { sidewaysOverflow, tabTo, violations } from "./support/checks";

const status = (page: Page) => page.locator(".gan-stage [role=status]").first();
const figure = (page: Page, name: string) =>
  page.locator(".gan-figures div", { has: page.getByText(name, { exact: true }) }).locator("dd");
const updates = async (page: Page) => Number((await figure(page, "Updates").textContent())?.replace(",", ""));
const press = (page: Page, name: string) => page.getByRole("button", { name, exact: true }).click();

for (const colorScheme of ["light", "dark"] as const)
  for (const width of [1280, 360])
    test(`the GAN in two dimensions learns step by step, ${colorScheme}, ${width} pixels wide`, async ({
      page,
    }) => {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      await page.goto("/gan");
      await expect(page.getByRole("heading", { level: 1 })).toHaveText("A GAN in two dimensions");
      await expect(figure(page, "Updates")).toHaveText("0"); // nothing moves on its own
      const [lossD, lossG] = [figure(page, "Loss of D"), figure(page, "Loss of G")];
      const before = await lossD.textContent();
      const made = await page.locator(".gan-made").first().getAttribute("d");
      await press(page, "Step D");
      await expect(status(page)).toContainText("The discriminator has learned");
      await expect(lossD).not.toHaveText(before ?? "");
      expect(await page.locator(".gan-made").first().getAttribute("d")).toBe(made);
      const between = await lossG.textContent();
      await press(page, "Step G");
      await expect(status(page)).toContainText("The generator has learned");
      await expect(lossG).not.toHaveText(between ?? "");
      expect(await page.locator(".gan-made").first().getAttribute("d")).not.toBe(made);
      await expect(figure(page, "Updates")).toHaveText("2");
      expect(await sidewaysOverflow(page)).toBeLessThanOrEqual(0);
      expect(await violations(page)).toEqual([]);
      await press(page, "Play");
      await expect.poll(() => updates(page)).toBeGreaterThan(20);
      await press(page, "Pause");
      await page.getByText("Show as table").first().click();
      await expect(page.getByRole("table").first()).toContainText("discriminator");
      await page.screenshot({ path: `test-results/gan-${colorScheme}-${width}.png`, fullPage: true });
      expect(await violations(page)).toEqual([]);
      await press(page, "Reset");
      await expect(figure(page, "Updates")).toHaveText("0");
      await expect(lossD).toHaveText(before ?? "");
    });

test("a preset is in the address, which repeats it; one that diverges is noticed", async ({ page }) => {
  await page.goto("/gan");
  await press(page, "It diverges");
  await expect(page).toHaveURL(/\?rateD=0\.1&rateG=1$/);
  await press(page, "Play");
  await expect(status(page)).toContainText("The training has diverged");
  await page.reload();
  await expect(page.getByRole("button", { name: "It diverges" })).toHaveAttribute("aria-pressed", "true");
  await page.getByRole("combobox", { name: "Real points" }).selectOption("spiral");
  await expect(page).toHaveURL(/shape=spiral/);
});

test("real points are drawn by keyboard, kept in the address, and learned from", async ({ page }) => {
  await page.goto("/gan?shape=drawn");
  await expect(page.getByText("No points yet").first()).toBeVisible();
  await expect(page.getByRole("button", { name: "Step", exact: true })).toBeDisabled();
  await tabTo(page, page.getByRole("application"));
  await page.keyboard.press("Space");
  for (let step = 0; step < 5; step++) await page.keyboard.press("Shift+ArrowRight");
  await page.keyboard.press("Backspace");
  await expect(page).toHaveURL(/drawn=\w{20}$/);
  await page.reload();
  await press(page, "Step");
  await expect(figure(page, "Updates")).toHaveText("2");
  expect(await violations(page)).toEqual([]);
});

test("the workbench and the document of generation lead to it", async ({ page }) => {
  for (const path of ["/t/generation", "/learn/generation"]) {
    await page.goto(path);
    await page.getByRole("link", { name: "A GAN in two dimensions" }).first().click();
    await expect(page).toHaveURL(/\/gan$/);
  }
});
