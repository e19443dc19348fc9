import { expect, test } from "./support/app";
import { tabTo, violations } from "./support/checks";
import { sales, uploaded } from "./support/tables";

test("types and the delimiter are set by keyboard, and the report and the fit follow", async ({ page }) => {
  test.setTimeout(120_000);
  const press = (key: string) => page.keyboard.press(key);
  const upload = await uploaded(page, sales("sales.csv", 150));
  await page.goto(`/t/tabular?upload=${upload}`);
  const report = page.getByRole("group", { name: "Table as read" });
  await expect(report.getByRole("rowheader")).toHaveCount(4);
  await expect(page.getByText("Delimiter “;”")).toBeVisible();

  // another delimiter makes one column of each line, and back
  await tabTo(page, page.getByText("File format"));
  await press("Enter");
  const delimiter = page.getByRole("combobox", { name: "Delimiter" });
  await tabTo(page, delimiter);
  await press("t"); // for tab
  await expect(report.getByRole("rowheader")).toHaveCount(1);
  await expect(page.getByText("Delimiter “⇥”")).toBeVisible();
  await expect(delimiter).toBeFocused();
  await press("ArrowUp"); // semicolon stands above it
  await expect(report.getByRole("rowheader")).toHaveCount(4);

  const shop = report.getByRole("combobox", { name: "Type of shop" });
  await expect(shop.getByRole("option", { selected: true })).toHaveText("number (detected)");
  await tabTo(page, shop);
  await press("c"); // for category
  await expect(report.getByRole("row", { name: /shop/ })).toContainText("10 50, 20 50, 30 50");
  await expect(shop).toBeFocused();
  const mark = report.getByRole("combobox", { name: "Type of mark" });
  await tabTo(page, mark);
  await press("n"); // for number
  await expect(
    page.getByText(/Row 2, column mark: .*'good' is not a number; it counts as missing/),
  ).toBeVisible();
  await press("ArrowUp"); // as guessed
  await expect(page.getByText("'good' is not a number")).toHaveCount(0);
  const day = page.getByRole("group", { name: "Features" }).getByRole("combobox", { name: "Type of day" });
  await tabTo(page, day);
  await press("d"); // for date: as a date it is used
  await expect(report.getByRole("combobox", { name: "Type of day" })).toHaveValue("date");
  expect(await violations(page)).toEqual([]);
  await page.screenshot({ path: "test-results/types.png", fullPage: true });
  await tabTo(page, page.getByRole("combobox", { name: "Target", exact: true }));
  await press("End"); // sold
  await tabTo(page, page.getByRole("button", { name: "Run on this table" }).last());
  await press("Enter");

  await expect(page).toHaveURL(/\/r\/[\w-]+/, { timeout: 60_000 });
  await expect(page.locator(".bench table")).toContainText("baseline", { timeout: 60_000 });
  const job = await (await page.request.get(`/v1/jobs/${page.url().split("/r/")[1].slice(0, 36)}`)).json();
  expect(job.params).toMatchObject({
    target: "sold",
    delimiter: "semicolon",
    types: { shop: "category", day: "date" },
  });
  const named = job.result.coefficients.map(({ feature }: { feature: string }) => feature);
  expect(named).toEqual(
    expect.arrayContaining(["day, days since 2024-01-01", "day, weekday = Monday", "shop = 10"]),
  );
  await page.screenshot({ path: "test-results/types-fitted.png", fullPage: true });
});
