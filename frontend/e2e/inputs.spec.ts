import type { Page } from "@playwright/test";
import type { Capability } from "../src/api/types";
import { expect, newPicture, pictureFile, test } from "./support/app";
import { sidewaysOverflow, tabTo, violations } from "./support/checks";

async function capability(page: Page, name: string): Promise<Capability> {
  const response = await page.request.get(`/v1/capabilities/${name}`);
  expect(response.ok(), `the server has the toy capability ${name}`).toBe(true);
  return response.json();
}

const idOf = (page: Page) => new URL(page.url()).pathname.split("/")[2];
const jobOf = async (page: Page) => (await page.request.get(`/v1/jobs/${idOf(page)}`)).json();

test.describe("a capability with two inputs", () => {
  test("has a picker for each, runs once both are chosen, and the result shows both", async ({ page }) => {
    const { inputs } = await capability(page, "pair");
    const [left, right] = inputs;
    await page.goto("/t/pair");
    const field = (title: string) => page.getByRole("region", { name: title, exact: true });
    const run = page.getByRole("button", { name: "Run", exact: true }).first();
    await expect(field(left.title)).toBeVisible();
    await expect(run).toBeDisabled();
    await expect(page.getByText(`Still needed: ${left.title}, ${right.title}`)).toBeVisible();
    expect(await violations(page)).toEqual([]);
    await page.screenshot({ path: "test-results/pair.png", fullPage: true });

    await field(left.title)
      .locator("input[type=file]")
      .setInputFiles(await newPicture(page, "first.jpg"));
    await expect(field(left.title)).toContainText("first.jpg");
    await expect(page).toHaveURL(new RegExp(`inputs=${left.name}:[\\w-]{36}$`));
    await expect(page.getByText(`Still needed: ${right.title}`)).toBeVisible();
    await field(right.title)
      .locator("input[type=file]")
      .setInputFiles(await newPicture(page, "second.jpg"));
    await expect(field(right.title)).toContainText("second.jpg");
    await page.reload(); // the draft lives in the address
    await expect(field(left.title)).toContainText("first.jpg");
    await expect(field(right.title)).toContainText("second.jpg");
    expect(await violations(page)).toEqual([]);
    await page.screenshot({ path: "test-results/pair-chosen.png", fullPage: true });

    await tabTo(page, run);
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/\/r\/[\w-]+/);
    await expect(page.locator(".page-head .lead")).toHaveText("first.jpg, second.jpg");
    await expect(field(left.title)).toContainText("first.jpg");
    await expect(field(right.title)).toContainText("second.jpg");
    const job = await jobOf(page);
    expect(Object.keys(job.inputs).sort()).toEqual([left.name, right.name].sort());
    await page.screenshot({ path: "test-results/pair-result.png", fullPage: true });
    expect(await violations(page)).toEqual([]);

    const before = page.url();
    await page.getByText("Model and settings").click();
    await page.getByRole("button", { name: "Run again with these settings" }).click();
    await expect(page).not.toHaveURL(before);
    expect((await jobOf(page)).inputs).toEqual(job.inputs);
  });

  test("takes a dropped file only where it is dropped", async ({ page }) => {
    const { inputs } = await capability(page, "pair");
    const { name, mimeType, buffer } = await pictureFile(page);
    await page.goto("/t/pair");
    const zone = page.getByRole("region", { name: inputs[1].title, exact: true }).locator(".drop-zone");
    await expect(zone).toBeVisible();
    const data = await page.evaluateHandle(
      ([base64, fileName, type]) => {
        const bytes = Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
        const transfer = new DataTransfer();
        transfer.items.add(new File([bytes], fileName, { type }));
        return transfer;
      },
      [buffer.toString("base64"), name, mimeType] as const,
    );
    await page.dispatchEvent("h1", "drop", { dataTransfer: data });
    await zone.dispatchEvent("drop", { dataTransfer: data });
    await expect(page).toHaveURL(new RegExp(`inputs=${inputs[1].name}:[\\w-]{36}$`));
  });

  test("names a form field per input in its snippets, and has no batch", async ({ page }) => {
    const { inputs } = await capability(page, "pair");
    await page.goto("/t/pair");
    for (const { name } of inputs) await expect(page.getByRole("tabpanel")).toContainText(`-F '${name}=@`);
    await page.goto("/t/pair/batch");
    await expect(page.getByRole("heading", { level: 1 })).toContainText(/page/i);
  });
});

test.describe("a capability without an input", () => {
  test("runs at once by keyboard, and its result is shown", async ({ page }) => {
    const { inputs } = await capability(page, "dice");
    expect(inputs).toEqual([]);
    await page.goto("/t/dice");
    await expect(page.locator("input[type=file]")).toHaveCount(0);
    await expect(page.getByRole("tabpanel")).toContainText("application/json");
    expect(await violations(page)).toEqual([]);
    await page.screenshot({ path: "test-results/dice.png", fullPage: true });
    await tabTo(page, page.getByRole("button", { name: "Run", exact: true }).first());
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/\/r\/[\w-]+/);
    // only a result has a link to copy: until its page is loaded, the form or an empty page is there
    await expect(page.getByRole("button", { name: "Copy link" })).toBeVisible({ timeout: 40_000 });
    await expect(page.locator(".bench > .stage-main:not([aria-busy])")).toBeVisible({ timeout: 40_000 });
    expect((await jobOf(page)).inputs).toEqual({});
    expect(await violations(page)).toEqual([]);
    await page.screenshot({ path: "test-results/dice-result.png", fullPage: true });
  });
});

test.describe("an input that can be drawn", () => {
  test("is drawn by keyboard, undone, kept over a reload, and answered in exactly its colors", async ({
    page,
  }) => {
    await page.goto("/t/drawing");
    const canvas = page.getByRole("application", { name: "Canvas, 16 × 12 pixels" });
    const run = page.getByRole("button", { name: "Run on this drawing" });
    await expect(run).toBeDisabled();
    await tabTo(page, canvas);
    for (let step = 0; step < 4; step++) await page.keyboard.press("Shift+ArrowRight");
    await expect(page.getByText("Column 13, row 7: sky")).toBeVisible();
    await page.keyboard.press("2");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Space");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Space");
    await page.keyboard.press("Control+z");
    expect(await violations(page)).toEqual([]);
    await expect
      .poll(() => page.evaluate(() => Object.keys(sessionStorage).some((key) => key.startsWith("sketch "))))
      .toBe(true);
    await page.waitForTimeout(300); // it is stored a moment after the last stroke
    await page.reload();
    await expect(page.getByRole("radio", { name: "meadow" })).toBeVisible();
    await tabTo(page, run);
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/\/r\/[\w-]+/);
    await expect.poll(async () => (await jobOf(page)).status).toBe("succeeded");
    const { pixels, others } = (await jobOf(page)).result;
    expect({ pixels, others }).toEqual({ pixels: { sky: 5, meadow: 1, none: 16 * 12 - 6 }, others: 0 });
    await expect(canvas).toBeVisible(); // to go on drawing beside the answer
    expect(await violations(page)).toEqual([]);
  });

  test("is drawn and filled by pointer; another model has its own canvas", async ({ page }) => {
    await page.goto("/t/drawing");
    const canvas = page.getByRole("application", { name: "Canvas, 16 × 12 pixels" });
    const frame = (await canvas.boundingBox()) ?? { x: 0, y: 0, width: 1, height: 1 };
    const at = (x: number, y: number) =>
      [frame.x + ((x + 0.5) / 16) * frame.width, frame.y + ((y + 0.5) / 12) * frame.height] as const;
    await page.mouse.move(...at(8, 0));
    await page.mouse.down();
    await page.mouse.move(...at(8, 11), { steps: 3 });
    await page.mouse.up();
    await page.getByText("sun", { exact: true }).click();
    await page.getByText("Fill an area").click();
    await page.mouse.click(...at(2, 5));
    await page.getByRole("button", { name: "Run on this drawing" }).click();
    await expect(page).toHaveURL(/\/r\/[\w-]+/);
    await expect.poll(async () => (await jobOf(page)).status).toBe("succeeded");
    expect((await jobOf(page)).result.pixels).toEqual({ sky: 12, sun: 8 * 12, none: 7 * 12 });

    await page.goto("/t/drawing?model=outlines");
    await expect(page.getByRole("application", { name: "Canvas, 24 × 24 pixels" })).toBeVisible();
    await expect(page.getByRole("radio", { name: "edge" })).toBeVisible();
  });
});

for (const path of ["/t/pair", "/t/dice", "/t/drawing"])
  test(`${path} flows at 320 px without sideways scrolling`, async ({ page }) => {
    await page.setViewportSize({ width: 320, height: 700 });
    await page.goto(path);
    await expect(page.getByRole("button", { name: /^Run/ }).first()).toBeVisible();
    expect(await sidewaysOverflow(page)).toBeLessThanOrEqual(0);
  });
