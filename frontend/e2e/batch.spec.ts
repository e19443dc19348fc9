import { execFileSync } from "node:child_process";
import type { Page } from "@playwright/test";
import { expect, pictureFile, test } from "./support/app";

const READ = `
import json, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as z:
    assert z.testzip() is None
    print(json.dumps([z.namelist(), json.loads(z.read("results.json"))]))
`;

interface Results {
  upload: string;
  output: string | null;
  status: string;
  error: string | null;
}

/** A capability that answers with a file, else the first: detection answers with JSON alone. */
async function capabilityOf(page: Page): Promise<string> {
  const { items } = await (await page.request.get("/v1/capabilities")).json();
  const kinds = ["mask", "comparison"];
  const found = items.find((one: { produces: string[] }) =>
    one.produces.some((kind) => kinds.includes(kind)),
  );
  return (found ?? items.find((one: { name: string }) => one.name === "detection")).name;
}

async function startBatch(page: Page): Promise<string> {
  const capability = await capabilityOf(page);
  const { mimeType, buffer } = await pictureFile(page);
  await page.goto(`/t/${capability}`);
  await page.locator("input[type=file]").setInputFiles([
    { name: "one.png", mimeType, buffer },
    { name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("hello") },
    { name: "One.png", mimeType, buffer },
  ]);
  await expect(page).toHaveURL(new RegExp(`/t/${capability}/batch`));
  return capability;
}

const cards = (page: Page) => page.getByRole("list", { name: "Files" }).getByRole("listitem");
const summary = (page: Page) => page.locator(".batch-state [role=status]");

test.describe("a batch", () => {
  test.setTimeout(120_000);
  test.use({ expectedErrors: [/429/] });

  test("makes a job of each file and says of a refused one why; its ZIP holds all results", async ({
    page,
  }) => {
    await startBatch(page);
    await expect(summary(page)).toHaveText("2 done, 1 rejected", { timeout: 60_000 });
    await expect(cards(page)).toHaveCount(3);
    await expect(cards(page).filter({ hasText: "notes.txt" })).toContainText("notes.txt is a text file.");
    await expect(cards(page).filter({ hasText: "Succeeded" })).toHaveCount(2);

    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "ZIP of 2 results" }).click();
    const file = await download;
    expect(file.suggestedFilename()).toMatch(/\.zip$/);
    const path = (await file.path()) ?? "";
    const [names, results]: [string[], Results[]] = JSON.parse(
      execFileSync("python3", ["-c", READ, path], { encoding: "utf8" }),
    );
    expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(names.length);
    expect(results.map(({ upload }) => upload)).toEqual(["one.png", "One.png", "notes.txt"]);
    expect(results.map(({ status }) => status)).toEqual(["succeeded", "succeeded", "refused"]);
    expect(results[2].error).toContain("a text file");
    for (const { output } of results) if (output) expect(names).toContain(output);
  });

  test("is there again after a reload, and from each result's way back", async ({ page }) => {
    await startBatch(page);
    await expect(summary(page)).toHaveText("2 done, 1 rejected", { timeout: 60_000 });
    await expect(page).toHaveURL(/jobs=[\w-]{22}\.[\w-]{22}$/);
    await page.reload();
    await expect(summary(page)).toHaveText("2 done, 1 rejected");
    await expect(cards(page).filter({ hasText: "One.png" })).toHaveCount(2); // as far as case goes
    await cards(page).first().getByRole("link").click();
    await expect(page).toHaveURL(/\/r\//);
    await page.goBack();
    await expect(summary(page)).toHaveText("2 done, 1 rejected");
    const link = page.url();
    await page.goto("/jobs");
    await page.goto(link); // what the address alone holds
    await expect(summary(page)).toHaveText("2 done");
  });

  test("takes more files, and is canceled as a whole", async ({ page }) => {
    await page.route("**/v1/jobs", (route) =>
      route.request().method() === "POST"
        ? route.fulfill({
            status: 429,
            headers: { "Retry-After": "30" },
            json: { title: "The queue is full", detail: "Wait.", status: 429 },
          })
        : route.continue(),
    );
    await startBatch(page);
    await expect(summary(page)).toContainText(/The queue is full\. Continuing in \d+ seconds/);
    const { mimeType, buffer } = await pictureFile(page);
    await page.locator("input[type=file]").setInputFiles([{ name: "more.png", mimeType, buffer }]);
    await expect(cards(page)).toHaveCount(4);
    await page.getByRole("button", { name: "Cancel all" }).click();
    await expect(summary(page)).toContainText("4 rejected");
    await expect(cards(page).filter({ hasText: "Not uploaded" })).toHaveCount(3);
    await page.unroute("**/v1/jobs");
    await cards(page).filter({ hasText: "more.png" }).getByRole("button").click();
    await expect(summary(page)).toHaveText("1 done, 3 rejected", { timeout: 60_000 });
  });

  test("that is turned away waits as long as the server says, then goes on by itself", async ({ page }) => {
    let turned = 0;
    await page.route("**/v1/jobs", (route) => {
      if (route.request().method() !== "POST" || turned > 0) return route.continue();
      turned += 1;
      return route.fulfill({
        status: 429,
        headers: { "Retry-After": "1" },
        json: { title: "Full", status: 429 },
      });
    });
    await startBatch(page);
    await expect(summary(page)).toHaveText("2 done, 1 rejected", { timeout: 60_000 });
    expect(turned).toBe(1);
  });
});
