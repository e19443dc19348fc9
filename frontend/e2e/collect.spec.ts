import { expect, test } from "./support/app";
import { sidewaysOverflow, violations } from "./support/checks";

const FAKE_CAMERA = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"];

test.use({
  permissions: ["camera"],
  launchOptions: async ({ launchOptions }, use) =>
    use({ ...launchOptions, args: [...(launchOptions.args ?? []), ...FAKE_CAMERA] }),
});

/** Pictures of the server's own samples, as files of the user's own. */
async function photos(page: import("@playwright/test").Page) {
  const files = [];
  for (const capability of ["detection", "segmentation", "colorization"]) {
    const { samples } = await (await page.request.get(`/v1/capabilities/${capability}`)).json();
    for (const { url, name } of samples) {
      if (!url) continue;
      const response = await page.request.get(url);
      const mimeType = response.headers()["content-type"].split(";")[0];
      if (mimeType.startsWith("image/"))
        files.push({ name: `${capability}-${name}.jpg`, mimeType, buffer: await response.body() });
    }
  }
  return files;
}

test("from an empty page to a live prediction, and to a model that is kept", async ({ page }) => {
  test.setTimeout(180_000);
  await page.goto("/collect");
  await page.getByRole("button", { name: "Turn the camera on" }).click();
  const cards = page.locator(".collect-class");
  const record = cards.nth(0).getByRole("button", { name: "Hold to record" });
  await record.focus();
  await page.keyboard.down("Space");
  await expect(cards.nth(0).locator("img").nth(3)).toBeVisible({ timeout: 30_000 });
  await page.keyboard.up("Space");
  await expect(record).toHaveAttribute("aria-pressed", "false");

  const files = await photos(page);
  expect(files.length).toBeGreaterThan(3);
  await cards.nth(1).locator("input[type=file]").setInputFiles(files);
  await expect(page.getByText(/The last layer was fitted/)).toBeVisible({ timeout: 60_000 });
  await expect(page.locator(".collect-bars caption")).toContainText("Class 1", { timeout: 30_000 });
  await expect(page.locator(".collect-bars caption")).toContainText("pictures a second");

  await page.reload(); // what was collected is on the server
  await expect(cards.nth(1).locator("img")).toHaveCount(files.length);
  await expect(page.getByText(/The last layer was fitted/)).toBeVisible({ timeout: 60_000 });
  await page.getByLabel("Name of the model").fill("Camera test");
  await page.getByRole("button", { name: "Train and keep" }).click();
  await expect(page.getByText(/camera-test, version \d+, answers now/)).toBeVisible({ timeout: 90_000 });
  await page.getByRole("link", { name: "Use this model" }).click();
  await expect(page).toHaveURL(/\/t\/classification\?model=camera-test@\d+/);
});

for (const colorScheme of ["light", "dark"] as const)
  test(`is accessible and fits a phone, ${colorScheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme });
    await page.goto("/collect");
    await expect(page.locator(".collect-class")).toHaveCount(2);
    expect(await violations(page)).toEqual([]);
    await page.setViewportSize({ width: 360, height: 800 });
    expect(await sidewaysOverflow(page)).toBe(0);
  });

test("classes are added, renamed and removed before the first picture", async ({ page }) => {
  await page.goto("/collect");
  await page.getByPlaceholder("Name of another class").fill("Cups");
  await page.getByRole("button", { name: "Add a class" }).click();
  await expect(page.locator(".collect-class")).toHaveCount(3);
  await page.getByRole("button", { name: "Remove Class 2" }).click();
  await expect(page.locator(".collect-class h3")).toHaveText(["Class 1", "Cups"]);
});
