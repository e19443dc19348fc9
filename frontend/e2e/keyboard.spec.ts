import { expect, test } from "./support/app";

test("by keyboard, the focus is never lost to an action that disables or removes its button", async ({
  page,
}) => {
  await page.goto("/log");
  const verify = page.getByRole("button", { name: "Verify the log" });
  await verify.focus();
  const verified = page.waitForResponse(/verification/);
  await page.keyboard.press("Enter");
  await verified;
  await expect(verify).toBeFocused();

  await page.goto("/collect");
  await page.getByRole("button", { name: "Remove Class 1" }).focus();
  await page.keyboard.press("Enter");
  await expect(page.locator(".collect-class h3")).toHaveText(["Class 2"]);
  await expect(page.locator(":focus")).toHaveCount(1);
  await page.getByRole("button", { name: "Remove Class 2" }).focus();
  await page.keyboard.press("Enter");
  await expect(page.locator(".collect-class")).toHaveCount(0);
  await expect(page.locator("main :focus")).toHaveCount(1);
});
