import {
  answerShown,
  createJob,
  detection,
  expect,
  finished,
  newPicture,
  pictureFile,
  startTraining,
  test,
} from "./support/app";
import { violations } from "./support/checks";

test("a job is found by its file's name, renamed in place, and filtered", async ({ page }) => {
  const name = `holiday-${Date.now()}.jpg`;
  const response = await page.request.post("/v1/uploads", {
    multipart: { file: await newPicture(page, name) },
  });
  const { id } = await response.json();
  const job = await finished(page, await createJob(page, { upload_id: id, params: { score: 0.4 } }));
  await page.goto("/jobs");
  await page.getByRole("searchbox", { name: "Search by name" }).fill(name);
  const rows = page.locator(".rows tbody tr");
  await expect(rows).toHaveCount(1);
  await expect(page).toHaveURL(/name=holiday/);
  await expect(rows).toContainText(name);
  await expect(rows).toContainText("Score threshold: 0.4");
  await expect(rows).toContainText(/\d objects?/);
  expect(await violations(page)).toEqual([]);

  await rows.getByRole("button", { name: `Rename: ${name}` }).click();
  await page.getByRole("textbox", { name: "Name" }).fill("The best of all");
  await page.keyboard.press("Enter");
  await page.goto("/jobs?name=best+of+all&capability=detection");
  await expect(rows.first()).toContainText("The best of all");
  await page.goto(`/r/${job.id}`);
  await answerShown(page);
  await expect(page.locator(".page-head")).toContainText("The best of all");
  await page.goto("/jobs?name=best+of+all&capability=clustering");
  await expect(page.locator(".empty")).toContainText("No jobs match");
});

test.describe("another name", () => {
  test.use({ expectedErrors: [/500/] }); // the browser logs the refused request

  test("that cannot be saved stays in its field, with the reason; an empty one is asked for", async ({
    page,
  }) => {
    const { samples } = await detection(page);
    await page.goto(`/r/${samples[0].job_id}`);
    await answerShown(page);
    await expect(page.locator(".page-head :is(h1, p) :is(form, button)")).toHaveCount(0);
    await page.getByRole("button", { name: /^Rename: / }).click();
    const field = page.getByRole("textbox", { name: "Name" });
    await expect(field).toBeFocused();
    await field.fill("  ");
    await page.keyboard.press("Enter");
    await expect(field).toBeFocused();
    expect(await field.evaluate((input: HTMLInputElement) => input.validity.valid)).toBe(false);

    const detail = "The names are being moved.";
    await page.route(/\/v1\/jobs\/[\w-]+$/, (route) =>
      route.request().method() === "PATCH"
        ? route.fulfill({ status: 500, contentType: "application/problem+json", json: { detail } })
        : route.fallback(),
    );
    await field.fill("Another name");
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page.getByRole("alert")).toHaveText(detail);
    await expect(field).toHaveValue("Another name");
    await expect(field).toBeFocused();
    await expect(page.getByRole("button", { name: "Save" })).toBeEnabled();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await expect(page.getByRole("button", { name: /^Rename: / })).toBeFocused();
  });
});

test("a filter chosen while a name is typed stays", async ({ page }) => {
  await page.goto("/jobs");
  const name = page.getByRole("searchbox", { name: "Search by name" });
  await expect(name).toBeVisible();
  await page.clock.install();
  await name.fill("holiday");
  await page.clock.runFor(100);
  await page.locator("#status-filter").selectOption("failed");
  await expect(page).toHaveURL(/status=failed/);
  await page.clock.runFor(1000);
  await expect(page).toHaveURL(/name=holiday/);
  await expect(page).toHaveURL(/status=failed/);
});

test("what would be lost is confirmed: a running training is, a queued job is not", async ({ page }) => {
  const job = await startTraining(page, 5000);
  await page.goto(`/train/${job.id}`);
  const stop = page.getByRole("button", { name: "Stop", exact: true });
  await expect(page.locator("#state-title")).not.toHaveText(/queue/i, { timeout: 60_000 });
  await stop.click();
  await expect(page.locator("#state-title")).not.toHaveText("Canceled");
  await page.getByRole("button", { name: /discard the training/ }).click();
  await expect(page.locator("#state-title")).toHaveText("Canceled", { timeout: 60_000 });
  // nothing is lost with a canceled training
  await page.getByRole("button", { name: "Delete" }).click();
  await expect(page).toHaveURL(/\/jobs$/);
});

test("settings are a list with titles, and versions and checksums are folded", async ({ page }) => {
  const { samples } = await detection(page);
  const ofShipped = samples.find(({ name }) => name === "valley"); // others are answered by weights that may be missing
  await page.goto(`/r/${ofShipped?.job_id}`);
  await answerShown(page);
  const facts = page.getByRole("region", { name: "About this job" });
  await expect(facts.getByText("Score threshold")).toBeVisible();
  await expect(facts.getByText("SHA-256 of the weights")).toBeHidden();
  await expect(facts).not.toContainText("{");
  await facts.getByText("Technical details").click();
  await expect(facts.getByText("SHA-256 of the weights")).toBeVisible();
});

test("metrics are named as books name them", async ({ page }) => {
  for (const address of ["/models", "/models/grid-detector", "/models/denoiser"]) {
    await page.goto(address);
    await expect(page.locator(".figures").first()).toContainText(/mAP50|PSNR/);
    expect(await page.locator(".figures dt").allInnerTexts()).not.toContainEqual(expect.stringMatching(/_/));
  }
});

test.describe("files that are not even sent", () => {
  test("one above the server's limit, with both sizes, and one of another kind, with its kind", async ({
    page,
  }) => {
    const sent: string[] = [];
    page.on("request", (request) => {
      if (request.method() === "POST") sent.push(request.url());
    });
    await page.route("/v1/session", async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...(await response.json()), max_upload_bytes: 1_000_000 } });
    });
    await page.goto("/t/detection");
    const choose = (name: string, mimeType: string, bytes: number) =>
      page.locator("input[type=file]").setInputFiles({ name, mimeType, buffer: Buffer.alloc(bytes, 1) });
    await choose("poster.png", "image/png", 6_000_000);
    await expect(page.getByRole("alert")).toContainText("poster.png is 6 MB; this server accepts up to 1 MB");
    await choose("paper.pdf", "application/pdf", 10);
    await expect(page.getByRole("alert")).toContainText("paper.pdf is a PDF document.");
    await choose("empty.png", "image/png", 0);
    await expect(page.getByRole("alert")).toContainText("empty.png is empty.");
    expect(sent).toEqual([]);
  });

  test("while the server has not told its limit: one of another kind is refused, others wait", async ({
    page,
  }) => {
    await page.route("/v1/session", () => undefined); // no answer
    await page.goto("/t/detection");
    const input = page.locator("input[type=file]");
    await input.setInputFiles({
      name: "paper.pdf",
      mimeType: "application/pdf",
      buffer: Buffer.alloc(10, 1),
    });
    await expect(page.getByRole("alert")).toContainText("paper.pdf is a PDF document.");
    await input.setInputFiles(await pictureFile(page));
    await expect(page.getByText("Waiting for the server")).toBeVisible();
    await expect(input).toBeDisabled();
  });

  test("a second one, while the first is being sent", async ({ page }) => {
    let sent = 0;
    await page.route("/v1/uploads", () => {
      sent += 1; // and never answered
    });
    await page.goto("/t/detection");
    await expect(page.locator("input[type=file]")).toBeEnabled();
    const picture = [...(await pictureFile(page)).buffer];
    await page.evaluate(async (bytes) => {
      for (const name of ["one.jpg", "two.jpg"]) {
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File([new Uint8Array(bytes)], name, { type: "image/jpeg" }));
        window.dispatchEvent(new DragEvent("drop", { dataTransfer, cancelable: true }));
        await fetch("/healthz"); // a moment in which a request would leave the page
      }
    }, picture);
    await expect(page.locator("input[type=file]")).toBeDisabled();
    expect(sent).toBe(1);
  });
});
