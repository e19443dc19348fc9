import type { Locator, Page } from "@playwright/test";
import { answered, answerOf, expect, stageAddress, test } from "./support/app";

const split = (page: Page) => page.locator(".bench .compare-range");
/** How much of the right picture is cut off on its left, in percent. */
const cut = (page: Page) =>
  page
    .locator(".bench .picture-layers img")
    .nth(1)
    .evaluate((image) => Number(image.style.clipPath.match(/([\d.]+)%\)/)?.[1]));

async function zoomOf(frame: Locator): Promise<number> {
  const style = await frame.locator(".picture-layers").evaluate((layers) => layers.style.transform);
  return Number(style.match(/scale\(([\d.]+)\)/)?.[1] ?? 1);
}

test.describe("a comparison", () => {
  test.beforeEach(async ({ page }) => {
    await page.goto(`/r/${await answered(page, "comparison")}`);
    await expect(split(page)).toBeVisible();
  });

  test("is divided, flipped and zoomed by keyboard alone, and a link shows the same", async ({
    page,
    browser,
  }) => {
    await split(page).focus();
    await expect.poll(() => cut(page)).toBe(50);
    for (let press = 0; press < 5; press++) await page.keyboard.press("ArrowRight");
    await expect(split(page)).toHaveValue("55");
    await expect.poll(() => cut(page)).toBe(55);
    await expect(split(page)).toHaveAttribute("aria-valuetext", /^55\s?% .+, 45\s?% .+/);

    for (let press = 0; press < 3; press++) await page.keyboard.press("+");
    const frame = page.locator(".bench .picture-frame");
    await expect.poll(() => zoomOf(frame)).toBeGreaterThan(3);
    await frame.focus();
    const moved = () => frame.locator(".picture-layers").evaluate((layers) => layers.style.transform);
    const before = await moved();
    await page.keyboard.press("ArrowRight");
    await expect.poll(moved).not.toBe(before);
    await expect(split(page)).toHaveValue("55"); // the frame's arrows move the picture, not the divider
    await page.keyboard.press("0");
    await expect.poll(() => zoomOf(frame)).toBe(1);

    const [left, right] = await page.locator(".bench .compare-name").allTextContents();
    await page.keyboard.press("b");
    await expect(split(page)).toHaveValue("100");
    await expect(page.locator(".compare-flip [role=status]")).toHaveText(`Full image: ${left}`);
    await page.keyboard.press("b");
    await expect(page.locator(".compare-flip [role=status]")).toHaveText(`Full image: ${right}`);

    await page.getByRole("combobox", { name: "Left" }).focus();
    await page.keyboard.press("Home"); // the first picture of the list
    await expect(page).toHaveURL(/compare=0\.\d+\.0/);
    const other = await browser.newPage();
    await other.goto(page.url());
    await expect(split(other)).toHaveValue("0");
    await expect(other.getByRole("combobox", { name: "Left" })).toHaveValue("0");
    await other.close();
  });

  test("held, the key shows the other picture only as long", async ({ page }) => {
    await page.keyboard.down("b");
    await expect(split(page)).toHaveValue("100");
    await page.waitForTimeout(400);
    await page.keyboard.up("b");
    await expect(split(page)).toHaveValue("50");
  });

  test("held, the button does too; a click flips", async ({ page }) => {
    const button = page.getByRole("button", { name: /^Flip/ });
    await button.hover();
    await page.mouse.down();
    await expect(split(page)).toHaveValue("100");
    await page.waitForTimeout(400);
    await page.mouse.up();
    await expect(split(page)).toHaveValue("50");
    await button.click();
    await expect(split(page)).toHaveValue("100");
    await button.press("Enter");
    await expect(split(page)).toHaveValue("0");
  });

  test("the divider is dragged by its grip, and the picture beside it is not", async ({ page }) => {
    const frame = await page.locator(".bench .picture-frame").boundingBox();
    if (!frame) throw new Error("there is no frame");
    const middle = { x: frame.x + frame.width / 2, y: frame.y + frame.height / 2 };
    await page.mouse.move(middle.x, middle.y);
    await page.mouse.down();
    await page.mouse.move(middle.x + frame.width / 4, middle.y, { steps: 5 });
    await page.mouse.up();
    await expect.poll(async () => Number(await split(page).inputValue())).toBeGreaterThan(70);
    const set = await split(page).inputValue();
    await page.mouse.click(frame.x + 20, frame.y + 20);
    await expect(split(page)).toHaveValue(set);
  });

  test("side by side, both are zoomed as one", async ({ page }) => {
    await page.getByRole("radio", { name: "Side by side" }).check();
    const frames = page.locator(".compare-pair .picture-frame");
    await expect(frames).toHaveCount(2);
    await frames.nth(1).hover();
    await page.keyboard.press("+");
    for (const index of [0, 1]) await expect.poll(() => zoomOf(frames.nth(index))).toBe(1.5);
    await expect(page).toHaveURL(/compare=\d+\.\d+\.\d+\.1/);
  });

  test("says the same as a table, and gives each picture as a file", async ({ page }) => {
    const rows = page.locator(".bench .stage-side .objects tbody tr");
    const names = await page.getByRole("combobox", { name: "Left" }).locator("option").allTextContents();
    await expect(rows).toHaveCount(names.length);
    await expect(rows.first()).toContainText(/\d+ × \d+/);
    const download = page.waitForEvent("download");
    await rows.last().getByRole("link").click();
    expect((await download).suggestedFilename()).toMatch(/\.\w+$/);
  });
});

test("a picture of more than 40 megapixels is offered, and loaded only when asked for", async ({ page }) => {
  const id = await answered(page, "comparison");
  const asked: string[] = [];
  await page.route(`**/v1/jobs/${id}/inspection`, async (route) => {
    const body = await (await route.fetch()).json();
    const answer = answerOf(body.stages);
    await page.route(`**${answer?.data_url}`, async (inner) => {
      const data = await (await inner.fetch()).json();
      Object.assign(data.pictures[data.right], { width: 20_000, height: 20_000 });
      asked.push(data.pictures[data.right].file);
      await inner.fulfill({ json: data });
    });
    await route.fulfill({ json: body });
  });
  const loaded: string[] = [];
  page.on("request", (request) => loaded.push(request.url()));
  await page.goto(`/r/${id}`);
  await expect(page.locator(".bench .huge")).toContainText("400 megapixels");
  expect(loaded.filter((url) => url.endsWith(asked[0]))).toEqual([]);
  await page.getByRole("button", { name: "Show anyway" }).first().click();
  await expect(split(page)).toBeVisible();
});

test.describe("a mask", () => {
  test("is switched class by class by keyboard, and a link shows the same", async ({ page, browser }) => {
    await page.goto(`/r/${await answered(page, "mask")}`);
    const legend = page.locator(".bench .objects");
    const boxes = legend.getByRole("checkbox");
    await expect(boxes.first()).toBeVisible();
    const count = await boxes.count();
    expect(count).toBeGreaterThan(1);
    const shown = await boxes.nth(1).isChecked();

    await boxes.nth(1).focus();
    await expect(legend.locator("tbody tr").nth(1)).toHaveClass(/is-focus/);
    await page.keyboard.press("Space");
    await expect(boxes.nth(1)).toBeChecked({ checked: !shown });
    await expect(page).toHaveURL(/classes=/);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter"); // points the class out
    await expect(page).toHaveURL(/pick=\d+/);

    await page.getByRole("button", { name: "No classes" }).press("Enter");
    for (let place = 0; place < count; place++) await expect(boxes.nth(place)).not.toBeChecked();
    await page.getByRole("slider", { name: /Opacity/ }).fill("35");
    await expect(page).toHaveURL(/opacity=35/);
    const other = await browser.newPage();
    await other.goto(page.url());
    await expect(other.locator(".bench .objects").getByRole("checkbox").first()).not.toBeChecked();
    await expect(other.getByRole("slider", { name: /Opacity/ })).toHaveValue("35");
    await other.close();
    await page.getByRole("button", { name: "All classes" }).press("Enter");
    for (let place = 0; place < count; place++) await expect(boxes.nth(place)).toBeChecked();
  });

  test("colors the picture where its class is, and not where it is hidden", async ({ page }) => {
    await page.goto(`/r/${await answered(page, "mask")}?opacity=100`);
    const canvas = page.locator(".bench .picture-frame canvas");
    const drawn = () =>
      canvas.evaluate((surface: HTMLCanvasElement) => {
        const { data } = surface.getContext("2d")?.getImageData(0, 0, surface.width, surface.height) ?? {};
        return data ? data.filter((value, index) => index % 4 === 3 && value > 0).length : 0;
      });
    await expect.poll(drawn).toBeGreaterThan(0);
    const usual = await drawn();
    await page.getByRole("button", { name: "All classes" }).click();
    await expect.poll(drawn).toBeGreaterThan(usual);
    await page.getByRole("button", { name: "No classes" }).click();
    await expect.poll(drawn).toBe(0);
  });

  test("names the class under the pointer", async ({ page }) => {
    await page.goto(`/r/${await answered(page, "mask")}?classes=`);
    await page.getByRole("button", { name: "All classes" }).click();
    const frame = page.locator(".bench .picture-frame");
    await expect(async () => {
      await frame.hover({ position: { x: 30, y: 30 } });
      await frame.hover({ position: { x: 34, y: 34 } });
      await expect(page.locator(".bench .objects tr.is-focus")).toHaveCount(1, { timeout: 500 });
    }).toPass();
  });
});

test.describe("steps", () => {
  test("are played and paused with Space, without motion for those who want none", async ({ page }) => {
    await page.goto(await stageAddress(page, "scatter-steps"));
    const player = page.locator(".box-stage .scatter");
    await player.hover(); // the answer above may be a player too
    const step = player.getByRole("slider", { name: "Step" });
    await expect(step).toBeVisible();
    await page.locator("body").press("Space");
    await expect(player.getByRole("button", { name: "Pause" })).toBeVisible();
    await expect(step).toHaveValue("1");
    const duration = await player
      .locator(".scatter-center")
      .first()
      .evaluate((center) => getComputedStyle(center).transitionDuration);
    expect(duration).toBe("0s");
    await page.keyboard.press("Space");
    await expect(player.getByRole("button", { name: "Play" })).toBeVisible();
    const stopped = await step.inputValue();
    await page.waitForTimeout(1200);
    await expect(step).toHaveValue(stopped);
    // on a button Space presses the button
    await player.getByRole("button", { name: "Step forward" }).press("Space");
    await expect(step).toHaveValue(String(Number(stopped) + 1));
    await expect(player.getByRole("button", { name: "Play" })).toBeVisible();
  });
});
