import type { Page } from "@playwright/test";
import { answerShown, closedJob, expect, openBox, sampleJob, setSlider, stagesOf, test } from "./support/app";
import { tabTo, violations } from "./support/checks";

const box = (page: Page) => page.getByRole("region", { name: "Open the box" });

test("the box is opened on demand by keyboard, and axe finds nothing before and after", async ({ page }) => {
  const { id } = await closedJob(page);
  const asked: string[] = [];
  page.on("request", (request) => {
    if (request.url().includes("/inspection")) asked.push(request.url());
  });
  await page.goto(`/r/${id}`);
  await answerShown(page);
  await expect(page.locator(".bench .objects tbody tr").first()).toBeVisible();
  expect(asked).toEqual([]); // the answer needs no stages
  expect(await violations(page)).toEqual([]);
  await page.screenshot({ path: "test-results/box-closed.png", fullPage: true });

  await tabTo(page, page.getByRole("button", { name: "Open the box" }));
  await page.keyboard.press("Enter");
  await expect(stagesOf(page).first()).toHaveAttribute("aria-current", "step", { timeout: 40_000 });
  await expect(page.getByRole("heading", { name: "Open the box" })).toBeFocused();
  await page.keyboard.press("]");
  await expect(stagesOf(page).nth(1)).toHaveAttribute("aria-current", "step");
  await expect(page.locator(".bench .funnel")).toBeVisible(); // the answer has its candidates now
  expect(await violations(page)).toEqual([]);
});

test("the first move of a threshold loads the candidates, and the slider keeps the focus", async ({
  page,
}) => {
  const { id } = await closedJob(page);
  await page.goto(`/r/${id}`);
  await answerShown(page);
  await expect(page.locator(".bench .funnel")).toHaveCount(0);
  const slider = page.locator(".bench").getByRole("slider", { name: /Score/ }).first();
  await slider.focus();
  await page.keyboard.press("ArrowLeft");
  await expect(page.locator(".bench .funnel")).toBeVisible({ timeout: 40_000 });
  await expect(slider).toBeFocused();
  await expect(stagesOf(page).first()).toBeVisible();
  await setSlider(page, /Score/, "0");
  const all = Number((await page.locator(".bench .funnel-kept strong").textContent())?.replace(/\D/g, ""));
  expect(all).toBeGreaterThan(0);
});

test("an address with a threshold or of the box opens it", async ({ page }) => {
  const { id } = await closedJob(page);
  await page.goto(`/r/${id}?conf=0.05`);
  await expect(page.locator(".bench .funnel")).toBeVisible({ timeout: 40_000 });
  const other = await closedJob(page);
  await page.goto(`/r/${other.id}/box`);
  await expect(stagesOf(page).first()).toBeVisible({ timeout: 40_000 });
  await expect(page.getByRole("heading", { name: "Open the box" })).toBeInViewport();
});

test("while the stages wait, their place in line is shown, and they can be canceled", async ({ page }) => {
  const job = await closedJob(page);
  const waiting = {
    ...job,
    id: "11111111-1111-4111-8111-111111111111",
    task: "inspect",
    inspects: job.id,
    status: "queued",
    queue: { position: 3, eta_seconds: 8 },
    result: null,
    artifacts: [],
  };
  await page.route(`**/v1/jobs/${job.id}/inspection`, (route) =>
    route.fulfill({ status: 202, headers: { Location: `/v1/jobs/${waiting.id}` }, json: waiting }),
  );
  await page.route(`**/v1/jobs/${waiting.id}`, (route) => route.fulfill({ json: waiting }));
  await page.route(`**/v1/jobs/${waiting.id}/events`, () => undefined); // nothing happens
  await page.route(`**/v1/jobs/${waiting.id}/cancel`, (route) => {
    Object.assign(waiting, { status: "canceled", queue: null });
    return route.fulfill({ json: waiting });
  });
  await page.goto(`/r/${job.id}`);
  await page.getByRole("button", { name: "Open the box" }).click();
  await expect(box(page)).toContainText("3rd in the queue, about 8 s");
  await expect(page.locator(".bench .objects tbody tr").first()).toBeVisible(); // the answer stays
  expect(await violations(page)).toEqual([]);
  await page.screenshot({ path: "test-results/box-waiting.png", fullPage: true });
  await box(page).getByRole("button", { name: "Cancel" }).click();
  await expect(box(page).getByRole("alert")).toContainText("canceled");
  await page.unroute(`**/v1/jobs/${job.id}/inspection`);
  await box(page).getByRole("button", { name: "Try again" }).click();
  await expect(stagesOf(page).first()).toBeVisible({ timeout: 40_000 });
});

test.describe("where an upload is deleted", () => {
  test.use({ expectedErrors: [/40[49]/] });

  test("the server's reason stands in the box's place", async ({ page }) => {
    const job = await closedJob(page);
    const deleted = await page.request.delete(`/v1/uploads/${job.upload_id}`);
    expect(deleted.ok()).toBe(true);
    await page.goto(`/r/${job.id}`);
    await page.getByRole("button", { name: "Open the box" }).click();
    const { detail } = await (await page.request.get(`/v1/jobs/${job.id}/inspection`)).json();
    await expect(box(page).getByRole("alert")).toContainText(detail);
  });
});

test("an opened box stays open for the next visitor of its address", async ({ page }) => {
  const { id } = await closedJob(page);
  await page.goto(`/r/${id}`);
  await openBox(page);
  await stagesOf(page).last().click();
  await expect(page).toHaveURL(/stage=/);
  await page.reload();
  await expect(stagesOf(page).last()).toHaveAttribute("aria-current", "step");
});

test("Back goes to the stage before, and a moved slider is no step of it", async ({ page }) => {
  await page.goto("/jobs");
  await page.goto(`/r/${await sampleJob(page)}`);
  await answerShown(page);
  const stages = stagesOf(page);
  const shown = (place: number) => expect(stages.nth(place)).toHaveAttribute("aria-current", "step");
  await shown(0);
  await stages.nth(2).click();
  await setSlider(page, /Score/, "0.4");
  await expect(page).toHaveURL(/conf=0.4/);
  await setSlider(page, /Score/, "0.3");
  await expect(page).toHaveURL(/conf=0.3/);
  await page.keyboard.press("]");
  await shown(3);
  await page.reload();
  await shown(3);

  await page.goBack();
  await shown(2);
  await page.goForward();
  await shown(3);
  await page.goBack();
  await page.goBack();
  await shown(0);
  await page.goBack();
  await expect(page).toHaveURL(/\/jobs$/);
});

test("a box has one number: in the lists of every stage, in the sentence about it, and in the JSON", async ({
  page,
}) => {
  const id = await sampleJob(page);
  const { result } = await (await page.request.get(`/v1/jobs/${id}`)).json();
  const ids: number[] = result.objects.map((object: { id: number }) => object.id);
  expect(Math.min(...ids)).toBe(1);
  await page.goto(`/r/${id}?stage=suppression`);
  await answerShown(page);
  await expect(page.locator(".bench .objects tbody td:first-child")).toHaveText(ids.map(String));
  const row = page.locator(".box-stage .objects tbody tr").first();
  const [own] = (await row.getByRole("button").innerText()).trim().split(" ");
  const [by] = (await row.locator("td").nth(2).innerText()).trim().split(" ");
  expect(ids).toContain(Number(by));
  expect(ids).not.toContain(Number(own));
  await row.getByRole("button").click();
  await expect(page.locator(".verdict")).toContainText(new RegExp(`^${own} .* overlaps ${by} `));
});
