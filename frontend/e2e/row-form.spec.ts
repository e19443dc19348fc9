import { expect, test } from "./support/app";
import { sidewaysOverflow, tabTo, violations } from "./support/checks";
import { leaves, uploaded } from "./support/tables";

for (const colorScheme of ["light", "dark"] as const)
  for (const width of [1280, 360])
    test.describe(`one row in ${colorScheme} at ${width} px`, () => {
      test.use({ colorScheme, viewport: { width, height: width > 500 ? 900 : 780 } });

      test("a form predicts one row, and warns where it extrapolates", async ({ page }) => {
        test.setTimeout(240_000);
        const upload_id = await uploaded(page, leaves("leaves.csv", 90));
        const data = { capability: "tabular", task: "train", upload_id, params: { epochs: 20 } };
        const started = await (await page.request.post("/v1/jobs", { data })).json();
        const trained = async () => (await page.request.get(`/v1/jobs/${started.id}`)).json();
        await expect.poll(async () => (await trained()).status, { timeout: 180_000 }).toBe("succeeded");
        const { name } = (await trained()).result.model;

        await page.goto(`/models/${name}`);
        const form = page.locator("form.row-form");
        await expect(form.getByRole("spinbutton")).toHaveCount(3);
        await expect(form.getByLabel("side").getByRole("option")).toHaveText(["missing", "north", "south"]);
        await expect(form.getByText(/^Range in the training data:/)).toHaveCount(3);
        const length = form.getByLabel("length (cm)");
        await length.fill("99");
        await expect(form.getByText(/^Outside the range of the training data/)).toHaveCount(1);
        await page.screenshot({ path: `test-results/row-form-${colorScheme}-${width}.png`, fullPage: true });
        expect(await violations(page)).toEqual([]);
        expect(await sidewaysOverflow(page)).toBeLessThanOrEqual(0);

        await length.fill("2.1");
        await form.getByLabel("width (cm)").fill("2.2");
        await form.getByLabel("age (y)").fill("33");
        await tabTo(page, form.getByRole("button", { name: "Predict tree" }));
        await page.keyboard.press("Enter");
        await expect(page).toHaveURL(/\/r\/[\w-]+/, { timeout: 60_000 });
        const table = page.locator(".bench .stage-main table");
        await expect(table.getByRole("columnheader", { name: "predicted tree" })).toBeVisible({
          timeout: 60_000,
        });
        await expect(table.getByRole("row").nth(1)).toContainText("oak");
        await expect(table.getByRole("row").nth(1)).toContainText("2.1");
        await page.screenshot({
          path: `test-results/row-answer-${colorScheme}-${width}.png`,
          fullPage: true,
        });
        expect(await violations(page)).toEqual([]);
      });
    });
