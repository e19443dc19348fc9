import { createJob, expect, startTraining, test } from "./support/app";
import { sidewaysOverflow, tabTo, violations } from "./support/checks";
import { CuttingProxy } from "./support/cutting-proxy";
import { leaves } from "./support/tables";

/** The whole stream of a finished job, as any program reads it. */
async function metricSteps(base: string, id: string): Promise<number> {
  const text = await (await fetch(`${base}/v1/jobs/${id}/events`)).text();
  const steps = text.split("\n\n").filter((event) => event.includes("event: metric"));
  return new Set(steps.map((event) => JSON.parse(event.match(/data: (.*)/)?.[1] ?? "{}").step)).size;
}

test.describe("a training", () => {
  test.setTimeout(240_000);
  test.use({ expectedErrors: [/events/] });

  test("goes on after a cut link, and its curve is complete", async ({ page, baseURL }) => {
    const base = baseURL ?? "";
    const job = await startTraining(page, 40);
    const proxy = await CuttingProxy.to(base);
    await page.goto(`${proxy.url}/train/${job.id}`);
    await expect(page.locator(".chart svg.plot").first()).toBeVisible({ timeout: 120_000 });
    proxy.cut();
    await expect(page.locator(".badge.is-lost")).toHaveText(/Connection lost/);
    await expect(page.locator(".badge.is-finished")).toBeVisible({ timeout: 200_000 });
    const steps = await metricSteps(base, job.id);
    expect(steps).toBeGreaterThan(1);

    await page.goto(`${base}/train/${job.id}`); // a reload later
    proxy.close();
    await expect(page.locator(".badge.is-finished")).toBeVisible();
    const tables = page.locator(".chart details");
    await tables.first().locator("summary").click();
    const rows = tables.first().locator("tbody tr");
    await expect(rows.first()).toBeVisible();
    expect(await rows.count()).toBeLessThanOrEqual(steps);
    await expect(page.getByRole("link", { name: "Use this model" })).toBeVisible();
    await page.getByRole("link", { name: "Use this model" }).click();
    await expect(page).toHaveURL(/\/t\/detection\?model=/);
  });

  test("shows samples while it runs, and all of them later", async ({ page }) => {
    // with small pictures: about a sheet a second
    const params = { steps: 80, batch_size: 2, image_size: 64 };
    const job = await createJob(page, { task: "train", params });
    await page.goto(`/train/${job.id}`);
    const samples = page.getByRole("region", { name: "Samples", exact: true });
    await expect(samples.locator("canvas").first()).toBeVisible({ timeout: 120_000 });
    const slider = samples.getByRole("slider");
    await expect(slider).toBeVisible({ timeout: 60_000 }); // a second sheet has arrived
    await expect(page.locator(".badge.is-live")).toBeVisible(); // while it runs
    const newest = Number(await slider.getAttribute("max"));
    await expect
      .poll(async () => Number(await slider.getAttribute("max")), { timeout: 60_000 })
      .toBeGreaterThan(newest);
    expect(await slider.inputValue()).toBe(await slider.getAttribute("max")); // it follows the newest

    await tabTo(page, slider);
    await page.keyboard.press("Home");
    await expect(page.locator(".badge.is-finished")).toBeVisible({ timeout: 200_000 });
    expect(await slider.inputValue()).toBe("0"); // moved: it stays
    const sheets = Number(await slider.getAttribute("max")) + 1;
    expect(sheets).toBe(4); // one for every twenty steps
    for (const name of ["input", "answer", "truth"])
      await expect(samples.getByRole("columnheader", { name })).toBeVisible();

    await page.setViewportSize({ width: 360, height: 740 });
    await page.reload(); // a late visit
    await expect(samples.getByRole("status")).toContainText(`sheet ${sheets} of ${sheets}`);
    expect(await sidewaysOverflow(page)).toBe(0);
    expect(await violations(page)).toEqual([]);
  });

  test("is started from its form, and stopped", async ({ page }) => {
    await page.goto("/train");
    await page.getByRole("button", { name: "Start training" }).click();
    await expect(page).toHaveURL(/\/train\/[\w-]+/);
    await page.getByRole("button", { name: "Stop" }).click();
    const discard = page.getByRole("button", { name: /discard the training/ });
    if (await discard.isVisible()) await discard.click(); // it runs already

    await expect(page.locator("#state-title")).toHaveText("Canceled", { timeout: 60_000 });
    await page.goto("/jobs?status=canceled");
    await expect(page.locator(".rows tbody tr").first()).toContainText("Canceled");
  });
});

test("a training that failed leads to its form, with its data and its settings", async ({ page }) => {
  const sent = await page.request.post("/v1/uploads", { multipart: { file: leaves("leaves.csv", 60) } });
  const { id } = await sent.json();
  const params = { target: "shrub", epochs: 7 };
  const job = await createJob(page, { capability: "tabular", task: "train", upload_id: id, params });
  await page.goto(`/train/${job.id}`);
  await page.getByRole("link", { name: "Change and train again" }).click();
  await expect(page).toHaveURL(new RegExp(`upload=${id}`));
  await expect(page.getByLabel("Epochs")).toHaveValue("7");
  await expect(page.getByLabel("Capability")).toHaveValue("tabular");
});
