import { readFile } from "node:fs/promises";
import { expect, test } from "./support/app";
import { violations } from "./support/checks";

// the server writes a file at its first request, and asks the page to come back
test.use({ expectedErrors: [/(503|415) \(.*(export|import|uploads)/] });

test("a model is saved as a file of each format, and its ZIP is read back", async ({ page }) => {
  test.setTimeout(600_000);
  await page.goto("/models/unet");
  const menu = page.getByRole("region", { name: "Export" });
  await expect(menu).toBeVisible();
  expect(await violations(page)).toEqual([]);
  const saved: Record<string, string> = {};
  for (const format of ["Weights (safetensors)", "Network (ONNX)", "Everything (ZIP)"]) {
    const download = page.waitForEvent("download", { timeout: 240_000 });
    await menu.getByRole("button", { name: format }).click();
    const file = await download;
    expect(await file.failure()).toBeNull();
    saved[file.suggestedFilename()] = await file.path();
  }
  expect(Object.keys(saved)).toEqual(["unet-1.safetensors", "unet-1.onnx", "unet-1.zip"]);
  expect((await readFile(saved["unet-1.zip"])).subarray(0, 2).toString()).toBe("PK");

  await page.goto("/models");
  const region = page.getByRole("region", { name: "Import a model" });
  const broken = { name: "broken.zip", mimeType: "application/zip", buffer: Buffer.from("PK not a model") };
  await region.locator("input[type=file]").setInputFiles(broken);
  await expect(region.getByRole("alert")).toBeVisible({ timeout: 60_000 });
  expect(await violations(page)).toEqual([]);
  await region.locator("input[type=file]").setInputFiles({
    name: "unet.zip",
    mimeType: "application/zip",
    buffer: await readFile(saved["unet-1.zip"]),
  });
  // equal weights are here: the model itself is the answer, and not a second one
  await expect(page).toHaveURL(/\/models\/unet$/, { timeout: 120_000 });
});
