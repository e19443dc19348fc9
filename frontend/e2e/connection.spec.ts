import type { BrowserContext, Page } from "@playwright/test";
import { answerShown, expect, newPicture, openBox, sampleJob, test } from "./support/app";
import { CuttingProxy } from "./support/cutting-proxy";

const MOMENTS = 20;
const AWAY_MS = 2500;

/** A picture of one's own, from the drop to the last stage of the opened box. */
async function dropToBox(page: Page, base: string): Promise<void> {
  await page.goto(`${base}/t/detection`);
  await expect(page.locator(".drop-zone")).toBeVisible();
  await page.locator("input[type=file]").setInputFiles(await newPicture(page));
}

async function boxOpened(page: Page): Promise<void> {
  await expect(page).toHaveURL(/\/r\/[\w-]+/, { timeout: 60_000 });
  await answerShown(page);
  await openBox(page);
  await expect(page.locator(".box-stage .stage-main").first()).toBeVisible({ timeout: 60_000 });
  await page.keyboard.press("]");
  await expect(page.locator(".box-stage .stage-main").first()).toBeVisible({ timeout: 60_000 });
  await picturesLoaded(page);
  await expect(page.locator(".banner")).toHaveCount(0, { timeout: 30_000 });
}

const picturesLoaded = (page: Page) =>
  expect
    .poll(
      () =>
        page
          .locator(".stage-main img")
          .evaluateAll((images) => images.every((image) => (image as HTMLImageElement).naturalWidth > 0)),
      { timeout: 30_000 },
    )
    .toBe(true);

const later = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

interface Link {
  base: string;
  leave: () => Promise<unknown>;
  comeBack: () => Promise<unknown>;
}

/** The same way for each moment of it: the server goes away then, and comes back a little later. */
async function cutAtEachMoment(context: BrowserContext, { base, leave, comeBack }: Link): Promise<void> {
  const first = await context.newPage();
  const started = Date.now();
  await dropToBox(first, base);
  await boxOpened(first);
  const whole = Date.now() - started;
  await first.close();
  for (let moment = 0; moment < MOMENTS; moment++) {
    await test.step(`away after ${Math.round((whole * moment) / MOMENTS)} ms of ${whole}`, async () => {
      const page = await context.newPage();
      await dropToBox(page, base);
      const cut = later((whole * moment) / MOMENTS)
        .then(leave)
        .then(() => later(AWAY_MS))
        .then(comeBack);
      await Promise.all([boxOpened(page), cut]);
      expect(page.url()).toContain(base);
      await page.close();
    });
  }
}

test.describe("a page whose server goes away", () => {
  test.setTimeout(900_000);
  test.use({ expectedErrors: [/./] });

  test("comes back by itself with the answer, whenever the browser is offline", async ({
    context,
    baseURL,
  }) => {
    await cutAtEachMoment(context, {
      base: baseURL ?? "",
      leave: () => context.setOffline(true),
      comeBack: () => context.setOffline(false),
    });
  });

  test("comes back by itself with the answer, whenever the server stops and starts", async ({
    context,
    baseURL,
  }) => {
    const proxy = await CuttingProxy.to(baseURL ?? "");
    await cutAtEachMoment(context, {
      base: proxy.url,
      leave: async () => proxy.close(),
      comeBack: () => proxy.back(),
    });
    proxy.close();
  });
});

test.describe("a page whose next part does not arrive", () => {
  test.use({ expectedErrors: [/./] });
  const PART = /\/assets\/models-[\w-]+\.js/;

  test("is not loaded anew while the server is silent, and then by itself", async ({ page, context }) => {
    await page.addInitScript(() =>
      sessionStorage.setItem("loads", `${Number(sessionStorage.getItem("loads")) + 1}`),
    );
    await page.goto("/jobs");
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Jobs");
    await context.setOffline(true);
    await page.getByRole("link", { name: "Models" }).first().click();
    await expect(page.locator(".banner")).toContainText(/loaded again when the server responds/);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Jobs");
    expect(await page.evaluate(() => sessionStorage.getItem("loads"))).toBe("1");
    await context.setOffline(false);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Models", { timeout: 20_000 });
    expect(await page.evaluate(() => sessionStorage.getItem("loads"))).toBe("2");
  });

  test("is loaded anew once after an update of the server, which has other parts", async ({ page }) => {
    let loads = 0;
    page.on("request", (request) => {
      if (request.isNavigationRequest()) loads += 1;
    });
    await page.goto("/jobs");
    await page.route(PART, (route) => route.fulfill({ status: 404, body: "" }));
    // the page of another build, as the server has it now
    await page.route("/", async (route) => {
      const response = await route.fetch();
      const body = (await response.text()).replace(/index-[\w-]+\.js/, "index-other.js");
      await route.fulfill({ response, body });
    });
    await page.getByRole("link", { name: "Models" }).first().click();
    await expect.poll(() => loads).toBe(2);
    await page.unroute(PART);
    await page.unroute("/");
  });

  test("is not loaded anew for a part that the server lacks; the page says so", async ({ page }) => {
    let loads = 0;
    page.on("request", (request) => {
      if (request.isNavigationRequest()) loads += 1;
    });
    await page.route(PART, (route) => route.fulfill({ status: 404, body: "" }));
    await page.goto("/jobs");
    await page.getByRole("link", { name: "Models" }).first().click();
    await expect(page.locator(".banner")).toContainText("A part of this page is no longer on the server.");
    await expect(page.getByRole("button", { name: "Reload" })).toBeVisible();
    expect(loads).toBe(1);
  });

  test("opens as soon as its first scripts do", async ({ page }) => {
    const entry = /\/assets\/index-[\w-]+\.js/;
    await page.route(entry, (route) => route.abort());
    await page.goto(`/r/${await sampleJob(page)}`);
    await expect(page.locator("#start")).toHaveText(/opens as soon as/);
    await page.unroute(entry);
    await answerShown(page);
  });
});
