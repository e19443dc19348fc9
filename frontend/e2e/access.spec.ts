import type { Page } from "@playwright/test";
import type { StageSummary } from "../src/api/types";
import { packIds } from "../src/batch/ids";
import {
  answerOf,
  answerShown,
  closedJob,
  detection,
  expect,
  finished,
  openedSamples,
  sampleJob,
  startTraining,
  test,
} from "./support/app";
import { sidewaysOverflow, violations } from "./support/checks";

// the two addresses that lead nowhere, which the browser logs
test.use({ expectedErrors: [/404 .*(nowhere|00000000-0000)/] });

async function addresses(page: Page): Promise<Record<string, string>> {
  const id = await sampleJob(page);
  const { models } = await detection(page);
  const trainings = await (await page.request.get("/v1/jobs?task=train&status=succeeded&limit=1")).json();
  const training = trainings.items[0] ?? (await finished(page, await startTraining(page, 5)));
  const stages = await (await page.request.get(`/v1/jobs/${id}/inspection`)).json();
  const found: Record<string, string> = {
    start: "/",
    workbench: "/t/detection",
    result: `/r/${id}`,
    jobs: "/jobs",
    train: "/train",
    models: "/models",
    model: `/models/${models[0].name}`,
    api: "/api",
    nowhere: "/nowhere",
    gone: "/r/00000000-0000-4000-8000-000000000000",
  };
  for (const stage of stages.stages) found[`box-${stage.id}`] = `/r/${id}?stage=${stage.id}`;
  // of the other samples their answers, and the first stage of each kind that detection has not
  const seen = new Set<string>(stages.stages.map(({ kind }: StageSummary) => kind));
  const samples = await openedSamples(page);
  for (const { job, stages: own } of samples) {
    const answer = answerOf(own);
    if (job === id || !answer) continue;
    found[`answer-${answer.kind}-${job.slice(0, 4)}`] = `/r/${job}`;
    for (const { kind, id: stage } of own)
      if (!seen.has(kind) && seen.add(kind)) found[`stage-${kind}`] = `/r/${job}?stage=${stage}`;
    if (answer.kind === "comparison") found.beside = `/r/${job}?compare=0.1.50.1`;
  }
  found.closed = `/r/${(await closedJob(page)).id}`;
  found.batch = `/t/detection/batch?jobs=${packIds([id])}`;
  found.training = `/train/${training.id}`;
  return found;
}

async function settled(page: Page, name: string): Promise<void> {
  await page.waitForLoadState("networkidle");
  if (["start", "result", "closed"].includes(name) || name.startsWith("box-")) await answerShown(page);
  await expect(page.locator(".bench .placeholder, .box-stage .placeholder")).toHaveCount(0);
  if (name === "batch") await expect(page.locator(".batch .badge").first()).toBeVisible();
}

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [1280, 360]) {
    test.describe(`in ${colorScheme} at ${width} px`, () => {
      test.use({ colorScheme, viewport: { width, height: width > 500 ? 900 : 780 } });
      test.setTimeout(600_000);

      test("axe finds nothing on any page, and each has its picture taken", async ({ page }) => {
        for (const [name, address] of Object.entries(await addresses(page))) {
          await page.goto(address);
          await settled(page, name);
          await page.screenshot({ path: `test-results/${name}-${colorScheme}-${width}.png`, fullPage: true });
          expect.soft(await violations(page), name).toEqual([]);
          expect.soft(await sidewaysOverflow(page), name).toBeLessThanOrEqual(0);
        }
      });
    });
  }
}

for (const language of ["en", "de"]) {
  test(`at 320 px every page flows without sideways scrolling, in ${language}`, async ({ page }) => {
    test.setTimeout(300_000);
    await page.setViewportSize({ width: 320, height: 700 });
    await page.addInitScript((name) => localStorage.setItem("language", name), language);
    for (const [name, address] of Object.entries(await addresses(page))) {
      await page.goto(address);
      await settled(page, name);
      expect.soft(await sidewaysOverflow(page), name).toBeLessThanOrEqual(0);
    }
  });
}

for (const language of ["en", "de"])
  test(`no table of objects is wider than its card, in ${language}`, async ({ page }) => {
    await page.addInitScript((name) => localStorage.setItem("language", name), language);
    for (const width of [1280, 1000, 360]) {
      await page.setViewportSize({ width, height: 900 });
      await page.goto(`/r/${await sampleJob(page)}`);
      await answerShown(page);
      const [table, part] = await page
        .locator(".stage-side .objects")
        .first()
        .evaluate((element) => [
          element.getBoundingClientRect().right,
          element.closest(".side-part")?.getBoundingClientRect().right ?? 0,
        ]);
      expect(table, `at ${width} px`).toBeLessThanOrEqual(part - 10);
    }
  });

test("the links to the pages fit at every width, in German too", async ({ page }) => {
  await page.addInitScript(() => localStorage.setItem("language", "de"));
  await page.goto("/lessons");
  await expect(page.getByRole("heading", { level: 1, name: "Lektionen" })).toBeVisible();
  for (const width of [760, 900, 1024, 1099, 1100, 1200]) {
    await page.setViewportSize({ width, height: 700 });
    expect(await sidewaysOverflow(page), `${width} pixels`).toBeLessThanOrEqual(0);
    const [links, menu] = [page.locator(".top-wide"), page.locator(".top-menu")];
    await expect(links.or(menu).filter({ visible: true })).toHaveCount(1);
  }
});

test("a job that waits can be canceled on a phone, in any language", async ({ page }) => {
  const id = await sampleJob(page);
  const job = await (await page.request.get(`/v1/jobs/${id}`)).json();
  const queued = { ...job, status: "queued", queue: { position: 3, eta_seconds: 8 }, result: null };
  await page.route(`**/v1/jobs/${id}`, (route) => route.fulfill({ json: queued }));
  await page.route(`**/v1/jobs/${id}/events`, () => undefined); // nothing happens
  await page.addInitScript(() => localStorage.setItem("language", "de"));
  await page.setViewportSize({ width: 320, height: 700 });
  await page.goto(`/r/${id}`);
  const button = page.getByRole("button", { name: "Abbrechen" });
  await expect(button).toBeVisible();
  // once the picture is there: both are measured at one moment, as it makes room for itself when it comes
  await expect(page.locator(".waiting img")).toHaveJSProperty("complete", true);
  const below = await button.evaluate((element) => {
    const bottom = (one: Element | null) => one?.getBoundingClientRect().bottom ?? 0;
    return bottom(element) - bottom(element.closest(".waiting"));
  });

  expect(below).toBeLessThanOrEqual(0);
});

test("every target is at least 24 pixels high and wide", async ({ page }) => {
  await page.goto(`/r/${await sampleJob(page)}`);
  await answerShown(page);
  const small = await page.evaluate(() =>
    [...document.querySelectorAll("button, a[href], select, summary, input:not([type=file])")]
      .filter((element) => !element.matches(".skip, p a") && element.getClientRects().length > 0)
      // a check box's label is its target
      .map((element) =>
        element.matches("[type=checkbox], [type=radio]") ? (element.closest("label") ?? element) : element,
      )
      .filter((element) => {
        const { width, height } = element.getBoundingClientRect();
        return width < 24 || height < 24;
      })
      .map((element) => element.outerHTML.slice(0, 120)),
  );
  expect(small).toEqual([]);
});

test("the keys are listed under ?, and can be switched off", async ({ page }) => {
  await page.goto(`/r/${await sampleJob(page)}`);
  await answerShown(page);
  await page.keyboard.press("?");
  const sheet = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await expect(sheet).toBeVisible();
  await sheet.getByRole("checkbox").uncheck();
  await sheet.getByRole("button", { name: "Close" }).click();
  await page.keyboard.press("]");
  await expect(page.locator(".stepper button").first()).toHaveAttribute("aria-current", "step");
});

test("language and theme stay", async ({ page }) => {
  await page.goto("/jobs");
  await page.getByRole("combobox", { name: "Language" }).selectOption("de");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Aufträge");
  await page.getByRole("button", { name: /Farbschema/ }).click();
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("lang", "de");
  await expect(page.locator("html")).toHaveAttribute("data-theme", "light");
});

test("without a worker every page says so, and stored results still open", async ({ page }) => {
  const parts = [{ name: "worker:predict", ready: false, detail: "" }];
  await page.route("**/readyz", (route) => route.fulfill({ status: 200, json: { ready: false, parts } }));
  await page.goto("/");
  await expect(page.locator(".banner")).toContainText("No worker is running");
  await answerShown(page);
});

test("a script in a file's name stays a name", async ({ page }) => {
  const name = "<img src=x onerror=alert(1)>.png";
  const id = await sampleJob(page);
  await page.route(new RegExp(`/v1/jobs/${id}$`), async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...(await response.json()), name } });
  });
  await page.goto(`/r/${id}`);
  await expect(page.locator(".page-head .lead")).toHaveText(name);
});
