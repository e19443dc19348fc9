import type { StageSummary } from "../src/api/types";
import { answerOf, expect, test } from "./support/app";
import { sidewaysOverflow, tabTo, violations } from "./support/checks";
import { fitted, leaves, unnamed, uploaded } from "./support/tables";

test("k-means by keyboard alone: from a file through its iterations to the elbow", async ({ page }) => {
  test.setTimeout(240_000);
  const press = (key: string) => page.keyboard.press(key);
  const chooser = page.waitForEvent("filechooser"); // before there is a page: it takes a moment to be heard
  await page.goto("/t/clustering");
  await tabTo(page, page.locator("input[type=file]"));
  await press("Enter");
  await (await chooser).setFiles(leaves("leaves.csv", 120));

  await expect(page.getByRole("heading", { name: "Your table: leaves.csv" })).toBeVisible();
  const report = page.getByRole("group", { name: "Table as read" });
  await expect(report.getByRole("rowheader")).toHaveText([
    /^length \(cm\)/,
    /^width/,
    /^age/,
    /^side/,
    /^tree/,
  ]);
  const width = page.getByRole("group", { name: "Columns" }).getByRole("checkbox", { name: /width/ });
  await tabTo(page, width);
  await press("Space");
  await expect(page.getByText("1 of 5 selected")).toBeVisible();
  await press("Space");
  await tabTo(page, page.getByRole("button", { name: "Run on this table" }).first());
  await press("Enter");

  await expect(page).toHaveURL(/\/r\/[\w-]+/, { timeout: 60_000 });
  await expect(page.getByRole("list", { name: "Stages" })).toBeVisible({ timeout: 60_000 });
  const back = page.locator(".bench").getByRole("button", { name: "Step back" });
  await tabTo(page, back);
  const status = page.locator(".bench .player").getByText(/^Step \d+ of \d+/);
  const [, last] = /of (\d+)\./.exec((await status.textContent()) ?? "") ?? [];
  await expect(status).toContainText(`Step ${last} of ${last}`);
  await press("Home");
  await expect(status).toContainText("Step 0 of");
  await press("ArrowRight");
  await expect(status).toContainText("Step 1 of");
  await press("End");
  await expect(status).toContainText(`Step ${last} of ${last}`);
  await press("Home");
  await tabTo(page, page.locator(".bench").getByRole("button", { name: "Play" }));
  await press("Space");
  await expect(status).toContainText(`Step ${last} of ${last}`, { timeout: 30_000 });

  await tabTo(page, page.getByRole("list", { name: "Stages" }).getByRole("button", { name: /elbow/i }));
  await press("Enter");
  const plot = page.locator(".box-stage").getByRole("group", { name: /^Plot/ });
  await tabTo(page, plot);
  await press("Home");
  const reading = page.locator(".box-stage .plot-text");
  await expect(reading).toHaveText(/^clusters 1, inertia [\d,.]+/);
  await press("ArrowRight");
  await press("ArrowRight");
  await expect(reading).toHaveText(/^clusters 3, inertia [\d,.]+, elbow$/);
  await page.screenshot({ path: "test-results/keyboard-elbow.png", fullPage: true });
});

test("a start of one's own is placed by mouse and by keys, and k-means goes from there", async ({ page }) => {
  test.setTimeout(120_000);
  const upload_id = await uploaded(page, leaves("leaves.csv", 120));
  const params = { columns: ["length (cm)", "width (cm)"], scaling: "none", init: "random", n_init: 1 };
  const data = { capability: "clustering", upload_id, params };
  const made = await page.request.post("/v1/jobs", { data, headers: { Prefer: "wait=30" } });
  await page.goto(`/r/${(await made.json()).id}`);
  const bench = page.locator(".bench");
  await bench.getByRole("button", { name: "Set initial centers" }).click();
  const first = bench.getByRole("button", { name: /^Center 1 at/ });
  const drawing = await bench.locator(".placer svg.plot").boundingBox();
  if (!drawing) throw new Error("no picture");
  await first.hover();
  await page.mouse.down();
  await page.mouse.move(drawing.x + drawing.width / 2, drawing.y + drawing.height / 2, { steps: 4 });
  await page.mouse.up();
  const before = await first.getAttribute("aria-label");
  await bench.getByRole("button", { name: "Add center" }).click();
  const fourth = bench.getByRole("button", { name: /^Center 4 at/ });
  await tabTo(page, first);
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("Shift+ArrowUp");
  await expect(first).not.toHaveAttribute("aria-label", before ?? "");
  const placed = [await first.getAttribute("aria-label"), await fourth.getAttribute("aria-label")];
  await page.screenshot({ path: "test-results/placing.png", fullPage: true });
  expect(await violations(page)).toEqual([]);
  const old = page.url();
  await tabTo(page, bench.getByRole("button", { name: "Run from these centers" }));
  await page.keyboard.press("Enter");

  await expect(page).not.toHaveURL(old, { timeout: 30_000 });
  await expect(bench.getByText(/^Step \d+ of \d+/)).toBeVisible({ timeout: 30_000 });
  const id = page.url().split("/r/")[1].slice(0, 36);
  const job = await (await page.request.get(`/v1/jobs/${id}`)).json();
  expect(job.error).toBeNull();
  expect(job.params.n_clusters).toBe(4);
  const { stages } = await (await page.request.get(`/v1/jobs/${id}/inspection`)).json();
  const { steps } = await (await page.request.get(answerOf(stages as StageSummary[])?.data_url ?? "")).json();
  const placeIn = (label: string | null) =>
    (label ?? "")
      .replace(/^.* at /, "")
      .split(", ")
      .map(Number);
  for (const [index, center] of [
    [0, placeIn(placed[0])],
    [3, placeIn(placed[1])],
  ] as const)
    for (const axis of [0, 1]) expect(steps[0].centers[index][axis]).toBeCloseTo(center[axis], 2);
  await page.screenshot({ path: "test-results/placed.png", fullPage: true });
});

test("clusters are kept, and the rows of another table are assigned to them", async ({ page }) => {
  test.setTimeout(240_000);
  await page.goto("/train?capability=clustering");
  await page.locator("input[type=file]").setInputFiles(leaves("leaves.csv", 150));
  await expect(page.getByRole("radio", { name: "leaves.csv" })).toBeChecked();
  await page.getByRole("button", { name: "Start training" }).click();
  const use = page.getByRole("link", { name: "Use this model" });
  await expect(use).toBeVisible({ timeout: 120_000 });
  await use.click();
  await page.locator("input[type=file]").setInputFiles(unnamed("new-leaves.csv", 30));
  await page.getByRole("button", { name: "Run on this table" }).first().click();
  await expect(page).toHaveURL(/\/r\/[\w-]+/, { timeout: 60_000 });
  await expect(page.getByRole("list", { name: "Stages" })).toBeVisible({ timeout: 60_000 });
  await expect(page.getByRole("button", { name: "Set initial centers" })).toHaveCount(0);
  await page.screenshot({ path: "test-results/assigned.png", fullPage: true });
  const job = await (await page.request.get(`/v1/jobs/${page.url().split("/r/")[1].slice(0, 36)}`)).json();
  expect(job.result.assigned_to_fitted).toBe(true);
  // every third leaf is of one tree
  const labels: number[] = job.result.labels;
  const pairs = new Set(labels.map((label, row) => `${label} of ${row % 3}`));
  expect(pairs.size).toBe(3);
});

test.describe("on a table of one's own", () => {
  test.use({ expectedErrors: [/422.*\/v1\/jobs/] });

  test("a classifier is trained, and says what the rows of another are", async ({ page }) => {
    test.setTimeout(240_000);
    await page.goto("/train?capability=tabular");
    await page.locator("input[type=file]").setInputFiles(leaves("leaves.csv", 150));
    await expect(page.getByRole("radio", { name: "leaves.csv" })).toBeChecked();
    await expect(page.getByRole("group", { name: "Table as read" }).getByRole("rowheader")).toHaveCount(5);
    await page.getByRole("combobox", { name: "Target", exact: true }).selectOption("tree");
    const layers = page.getByRole("textbox", { name: "Hidden layers" });
    await expect(layers).toHaveCount(0); // of no use to the other methods
    await page.getByRole("combobox", { name: "Method" }).selectOption({ label: "Neural network" });
    await layers.fill("16, many");
    await page.getByRole("button", { name: "Start training" }).click();
    await expect(page.locator(".field.has-error").getByText(/integer/)).toBeVisible();
    await layers.fill("16, 16");
    await page.getByRole("button", { name: "Start training" }).click();

    await expect(page).toHaveURL(/\/train\/[\w-]+/);
    const use = page.getByRole("link", { name: "Use this model" });
    await expect(use).toBeVisible({ timeout: 120_000 });
    await expect(page.locator(".success .figures")).toContainText("Accuracy");
    await expect(page.locator(".chart svg.plot").first()).toBeVisible();
    await page.screenshot({ path: "test-results/tabular-trained.png", fullPage: true });

    await use.click();
    await expect(page).toHaveURL(/\/t\/tabular\?model=tabular-/);
    await page.locator("input[type=file]").setInputFiles(unnamed("new-leaves.csv", 30));
    await expect(page.getByRole("heading", { name: "Your table: new-leaves.csv" })).toBeVisible();
    await page.getByRole("button", { name: "Run on this table" }).first().click();
    await expect(page).toHaveURL(/\/r\/[\w-]+/, { timeout: 60_000 });
    await expect(page.getByRole("list", { name: "Stages" })).toBeVisible({ timeout: 60_000 });
    const job = await (await page.request.get(`/v1/jobs/${page.url().split("/r/")[1].slice(0, 36)}`)).json();
    expect(job.result.predicted_by_kept_model).toBe(true);
    const kinds = ["oak", "elm", "fir"];
    const right = job.result.predictions.filter((said: string, row: number) => said === kinds[(row + 1) % 3]);
    expect(right.length).toBeGreaterThanOrEqual(27);
    await expect(page.locator(".bench table").getByRole("row")).toHaveCount(21); // a page, and the header
    await page.screenshot({ path: "test-results/tabular-predicted.png", fullPage: true });
  });
});

test("charts and tables are saved as PNG and CSV", async ({ page }) => {
  test.setTimeout(120_000);
  const { job, stages } = await fitted(page, {
    method: "logistic regression",
    features: ["length (cm)", "width (cm)"],
  });
  for (const kind of ["plane", "confusion-matrix", "table", "curve"]) {
    const stage = stages.find((one) => one.kind === kind);
    expect(stage, kind).toBeTruthy();
    await page.goto(`/r/${job}?stage=${stage?.id}`);
    const box = page.locator(".box-stage");
    await expect(box.locator(".placeholder")).toHaveCount(0);
    const summary = box.locator("summary", { hasText: "Show as table" });
    const picture = page.waitForEvent("download");
    await box.getByRole("button", { name: "PNG" }).first().click();
    const png = await picture;
    expect(png.suggestedFilename()).toMatch(/\.png$/);
    await png.saveAs(`test-results/saved-${kind}.png`);
    if (await summary.isVisible()) await summary.click();
    const table = page.waitForEvent("download");
    await box.getByRole("button", { name: "CSV" }).first().click();
    expect((await table).suggestedFilename()).toMatch(/\.csv$/);
  }
});

for (const colorScheme of ["light", "dark"] as const)
  for (const width of [1280, 360])
    test.describe(`tables in ${colorScheme} at ${width} px`, () => {
      test.use({ colorScheme, viewport: { width, height: width > 500 ? 900 : 780 } });

      test("axe finds nothing, and each page has its picture taken", async ({ page }) => {
        test.setTimeout(300_000);
        const table = await uploaded(page, leaves("leaves.csv", 150));
        const addresses: Record<string, string> = {
          "table-workbench": `/t/tabular?upload=${table}`,
          "table-clustering": `/t/clustering?upload=${table}`,
          "table-train": `/train?capability=tabular&upload=${table}`,
          "table-options": `/t/tabular?upload=${table}&params={"delimiter":"comma","types":{"age (y)":"category"}}`,
        };
        for (const [name, params] of Object.entries({
          classes: { method: "neural network", epochs: 20, features: ["length (cm)", "width (cm)"] },
          surface: { target: "age (y)", features: ["length (cm)", "width (cm)"], method: "neural network" },
          numbers: { target: "width (cm)", features: ["length (cm)"], method: "linear regression" },
        })) {
          const { job, stages } = await fitted(page, params);
          for (const kind of new Set(stages.map((stage) => stage.kind))) {
            const first = stages.find((stage) => stage.kind === kind);
            if (kind !== "table" || name === "classes")
              addresses[`${name}-${kind}`] = `/r/${job}?stage=${first?.id}`;
          }
        }
        for (const [name, address] of Object.entries(addresses)) {
          await page.goto(address);
          await page.waitForLoadState("networkidle");
          await expect(page.locator(".placeholder")).toHaveCount(0);
          await page.screenshot({ path: `test-results/${name}-${colorScheme}-${width}.png`, fullPage: true });
          expect.soft(await violations(page), name).toEqual([]);
          expect.soft(await sidewaysOverflow(page), name).toBeLessThanOrEqual(0);
        }
      });
    });

test.describe("a full disk", () => {
  test.use({ expectedErrors: [/507/] });

  test("is said where it is seen, in the reader's language", async ({ page }) => {
    const problem = {
      type: "urn:glassbox:insufficient-storage",
      title: "Insufficient storage",
      title_message: [{ id: "core.problems.insufficient_storage", values: {} }],
      status: 507,
      detail: "The disk of the storage is full: it has no room, or no inodes, left.",
      detail_message: [{ id: "core.outages.storage_full", values: {} }],
      request_id: "1",
      errors: [],
    };
    await page.addInitScript(() => localStorage.setItem("language", "de"));
    await page.route(/\/v1\/jobs$/, (route) =>
      route.fulfill({ status: 507, contentType: "application/problem+json", body: JSON.stringify(problem) }),
    );
    await page.goto("/t/clustering");
    await page.locator("input[type=file]").setInputFiles(leaves("leaves.csv", 30));
    await page.getByRole("button", { name: "Mit dieser Tabelle ausführen" }).first().click();

    await expect(page.locator(".notice")).toContainText("Zu wenig Speicherplatz");
    await expect(page.locator(".notice")).toContainText("Datenträger");
    await expect(page.locator(".notice")).toBeInViewport();
  });
});
