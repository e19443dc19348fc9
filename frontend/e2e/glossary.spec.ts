import { expect, test } from "./support/app";
import { sidewaysOverflow, tabTo, violations } from "./support/checks";

test("a term is explained on focus and hover, closed by Escape, and leads to the page about it", async ({
  page,
}) => {
  await page.goto("/t/detection");
  const term = page.getByRole("link", { name: "Score threshold", exact: true });
  const card = page.getByRole("complementary", { name: "Glossary" });
  await tabTo(page, term);
  await expect(card).toContainText("The lowest score");
  await expect(term).toHaveAccessibleDescription(/The lowest score/);
  await page.keyboard.press("Escape");
  await expect(card).toHaveCount(0);
  await expect(term).toBeFocused();
  await term.hover();
  await card.hover();
  await expect(card).toBeVisible();
  await card.getByRole("link").click();
  await expect(page).toHaveURL(/\/learn\/detection#/);
  await expect(card).toHaveCount(0);
});

test.describe("by touch", () => {
  test.use({ hasTouch: true, viewport: { width: 360, height: 780 } });

  test("the first tap explains a term, the second opens its page", async ({ page }) => {
    await page.goto("/t/detection");
    const term = page.getByRole("link", { name: "IoU threshold" }).first();
    await term.tap();
    await expect(page.getByRole("complementary", { name: "Glossary" })).toBeVisible();
    await expect(page).toHaveURL(/\/t\/detection$/);
    await term.tap();
    await expect(page).toHaveURL(/\/learn\/detection/);
  });
});

test("the glossary is searched", async ({ page }) => {
  await page.goto("/glossary");
  await page.getByRole("searchbox").fill("silhou");
  await expect(page.getByRole("definition").first()).toContainText("closer");
  await page.getByRole("searchbox").fill("no such term");
  await expect(page.getByText("No term matches.")).toBeVisible();
});

test("every capability has a document whose diagrams are shown", async ({ page }) => {
  const { items } = await (await page.request.get("/v1/capabilities")).json();
  for (const { name } of items) {
    if ((await page.request.get(`/v1/capabilities/${name}/document`)).status() === 404) continue;
    await page.goto(`/t/${name}`);
    await page.getByRole("link", { name: "How it works" }).click();
    await expect(page.locator("article")).toBeVisible(); // the page before has a heading too
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    for (const image of await page.locator("article img").all()) {
      await image.scrollIntoViewIfNeeded();
      await expect.poll(() => image.evaluate((one: HTMLImageElement) => one.naturalWidth)).toBeGreaterThan(0);
    }
    expect(await violations(page), name).toEqual([]);
  }
});

for (const colorScheme of ["light", "dark"] as const)
  for (const width of [1280, 360])
    test.describe(`in ${colorScheme} at ${width} px`, () => {
      test.use({ colorScheme, viewport: { width, height: 800 } });

      test("axe finds nothing on the glossary and on a document", async ({ page }) => {
        for (const address of ["/glossary", "/learn/detection", "/t/detection"]) {
          await page.goto(address);
          await page.waitForLoadState("networkidle");
          if (address === "/t/detection")
            await page.getByRole("link", { name: "Score threshold", exact: true }).focus();
          const name = address.replaceAll("/", "-").slice(1);
          await page.screenshot({ path: `test-results/glossary-${name}-${colorScheme}-${width}.png` });
          expect.soft(await violations(page), address).toEqual([]);
          expect.soft(await sidewaysOverflow(page), address).toBeLessThanOrEqual(0);
        }
      });
    });
