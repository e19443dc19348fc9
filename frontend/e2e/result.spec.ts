import {
  answerShown,
  createJob,
  detection,
  expect,
  kept,
  newPicture,
  pictureFile,
  sampleJob,
  setSlider,
  stagesOf,
  test,
} from "./support/app";
import { tabTo } from "./support/checks";

test("the start page shows a finished result that answers to its sliders without a request", async ({
  page,
}) => {
  await page.goto("/");
  await answerShown(page);
  const asked: string[] = [];
  page.on("request", (request) => {
    // what is about the answer: not the state of the server, nor parts of other pages that are fetched beforehand
    if (!/\/readyz$|\/v1\/jobs\?|\/assets\/|manifest\.json$/.test(request.url())) asked.push(request.url());
  });

  await setSlider(page, /Score/, "0");
  const all = Number((await kept(page).textContent())?.replace(/\D/g, ""));
  await setSlider(page, /Score/, "1");
  await expect(kept(page)).toHaveText("0");
  await setSlider(page, /Score/, "0");
  await setSlider(page, /IoU/, "1");
  const withoutSuppression = Number((await kept(page).textContent())?.replace(/\D/g, ""));

  expect(all).toBeGreaterThan(0);
  expect(withoutSuppression).toBeGreaterThanOrEqual(all);
  expect(asked).toEqual([]);
});

test("on the start page the sliders are in sight, and a sample is answered by a job of its own", async ({
  page,
}) => {
  await page.goto("/");
  await answerShown(page);
  await expect(page.getByRole("slider", { name: /IoU/ }).first()).toBeInViewport();
  await expect(page.getByRole("link", { name: "Segmentation", exact: true })).toBeInViewport();

  await page.locator(".bench-own .samples button").last().click();
  await expect(page).toHaveURL(/\/r\//);
  await answerShown(page);
  const id = new URL(page.url()).pathname.split("/")[2];
  const { items } = await (await page.request.get("/v1/jobs?limit=1")).json();
  expect(items[0].id).toBe(id);
});

test("from a file to the opened box by keyboard alone", async ({ page }) => {
  const file = await newPicture(page);
  await page.goto("/t/detection");
  await tabTo(page, page.locator("input[type=file]"));
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.keyboard.press("Space")]);
  await chooser.setFiles(file);

  await expect(page).toHaveURL(/\/r\/[\w-]+/);
  await answerShown(page);
  await tabTo(page, page.getByRole("button", { name: "Open the box" }));
  await page.keyboard.press("Enter");
  const stages = stagesOf(page);
  await expect(stages.first()).toHaveAttribute("aria-current", "step", { timeout: 40_000 });
  const count = await stages.count();
  expect(count).toBeGreaterThan(2);
  for (let step = 1; step < count; step++) {
    await page.keyboard.press("]");
    await expect(stages.nth(step)).toHaveAttribute("aria-current", "step");
    await expect(page.locator(".box-stage .stage-main").first()).toBeVisible();
  }
  await page.keyboard.press("ArrowLeft");
  await expect(stages.nth(count - 2)).toHaveAttribute("aria-current", "step");
  await expect(page).toHaveURL(/stage=\w+/);
});

test("a dropped file becomes a result", async ({ page }) => {
  const { name, mimeType, buffer } = await pictureFile(page);
  await page.goto("/t/detection");
  await expect(page.locator(".drop-zone")).toBeVisible();
  const data = await page.evaluateHandle(
    ([base64, fileName, type]) => {
      const bytes = Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
      const transfer = new DataTransfer();
      transfer.items.add(new File([bytes], fileName, { type }));
      return transfer;
    },
    [buffer.toString("base64"), name, mimeType] as const,
  );
  await page.dispatchEvent("body", "drop", { dataTransfer: data });
  await expect(page).toHaveURL(/\/r\//);
  await answerShown(page);
});

test("a sample is one click", async ({ page }) => {
  await page.goto("/t/detection");
  await page.locator(".samples button").first().click();
  await expect(page).toHaveURL(/\/r\//);
  await answerShown(page);
});

test("a link shows the same view to somebody else", async ({ page, browser }) => {
  const id = await sampleJob(page);
  await page.goto(`/r/${id}`);
  await answerShown(page);
  await setSlider(page, /Score/, "0.07");
  await page.getByRole("checkbox", { name: "Suppressed" }).check();
  await page.keyboard.press("]");
  await expect(page).toHaveURL(/conf=0.07/);
  await expect(page).toHaveURL(/layers=kept,suppressed/);
  const count = (await kept(page).textContent()) ?? "";
  await page.getByRole("button", { name: "Copy link" }).click();
  const link = await page.evaluate(() => navigator.clipboard.readText());

  const other = await browser.newPage();
  await other.goto(link);
  await answerShown(other);
  await expect(kept(other)).toHaveText(count);
  await expect(other.getByRole("checkbox", { name: "Suppressed" })).toBeChecked();
  await expect(other.locator(".stepper button").nth(1)).toHaveAttribute("aria-current", "step");
  await other.close();
});

test("rows and boxes are linked; a box and a class can be hidden", async ({ page }) => {
  await page.goto(`/r/${await sampleJob(page)}?conf=0.05`);
  await answerShown(page);
  const row = page.locator(".bench .objects tbody tr").first();
  await row.getByRole("button").first().focus();
  await expect(row).toHaveClass(/is-focus/);
  const eye = row.getByRole("button", { name: /^Show/ });
  await eye.click();
  await expect(eye).toHaveAttribute("aria-pressed", "false");
  await expect(page).toHaveURL(/off=\d+/);
});

test("a cell of the grid is chosen with the arrow keys", async ({ page }) => {
  await page.goto(`/r/${await sampleJob(page)}?stage=grid`);
  const picture = page.locator(".box-stage .picture-frame");
  await picture.focus();
  const row = page.getByRole("spinbutton", { name: "Row" });
  const before = Number(await row.inputValue());
  await page.keyboard.press(before > 1 ? "ArrowUp" : "ArrowDown");
  await expect(row).toHaveValue(String(before > 1 ? before - 1 : before + 1));
  await expect(page.locator(".cell-boxes li").first()).toBeVisible();
  await expect(page).toHaveURL(/at=\d+\.\d+\.\d+/);
});

test("a suppressed box says which box dropped it and at what overlap", async ({ page }) => {
  await page.goto(`/r/${await sampleJob(page)}?stage=suppression&conf=0.02&iou=0.2`);
  const row = page.locator(".box-stage .objects tbody tr").first();
  await row.getByRole("button").click();
  await expect(page.locator(".verdict")).toContainText(/IoU of 0\.\d+/);
});

test("a channel of the feature maps is picked with a slider", async ({ page }) => {
  await page.goto(`/r/${await sampleJob(page)}?stage=backbone`);
  await page.getByRole("slider", { name: "Channel" }).fill("3");
  await expect(page).toHaveURL(/at=0\.3/);
  await expect(page.locator(".atlas canvas")).toBeVisible();
});

test("the answer is saved as JSON and as a picture", async ({ page }) => {
  await page.goto(`/r/${await sampleJob(page)}`);
  await answerShown(page);
  for (const name of ["JSON", "PNG"]) {
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name, exact: true }).click();
    expect((await download).suggestedFilename()).toMatch(new RegExp(`\\.${name.toLowerCase()}$`));
  }
});

test("the snippet asks for what the picture shows", async ({ page }) => {
  await page.goto(`/r/${await sampleJob(page)}`);
  await answerShown(page);
  await setSlider(page, /Score/, "0.61");
  await expect(page.getByRole("tabpanel")).toContainText('"score":0.61');
  await page.getByRole("tab", { name: "curl" }).focus();
  await page.keyboard.press("ArrowRight");
  await expect(page.getByRole("tabpanel")).toContainText("import requests");
});

test("a job is canceled or done, retried and deleted", async ({ page }) => {
  const { samples } = await detection(page);
  const job = await createJob(page, { upload_id: samples[0].upload_id });
  await page.goto(`/r/${job.id}`);
  await answerShown(page);
  await page.goto("/jobs");
  const row = page.locator(`tr:has(a[href="/r/${job.id}"])`);
  await expect(row).toContainText("Succeeded");
  await row.getByRole("button", { name: "Delete" }).click();
  await row.getByRole("button", { name: "Delete permanently?" }).click();
  await expect(row).toHaveCount(0);
});

test.describe("refusals", () => {
  test.use({ expectedErrors: [/404|415|422/] });

  test("a text file is refused in words", async ({ page }) => {
    await page.goto("/t/detection");
    await page
      .locator("input[type=file]")
      .setInputFiles({ name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("hello") });
    await expect(page.getByRole("alert")).toContainText("notes.txt is a text file");
  });

  test("a file that only looks like a picture is refused by the server, in words", async ({ page }) => {
    await page.goto("/t/detection");
    const buffer = Buffer.from([0, 1, 2, 3, 250, 251]);
    await page.locator("input[type=file]").setInputFiles({ name: "odd.png", mimeType: "image/png", buffer });
    await expect(page.getByRole("alert")).toContainText(/image/);
  });

  test("a param out of range says so at its field", async ({ page }) => {
    await page.goto("/t/detection");
    await page.locator('input[type=number][aria-label*=" objects"]').fill("999");
    await page.locator(".samples button").first().click();
    await expect(page.locator(".field.has-error .error")).toContainText(/less than or equal/);
  });

  test("an address without a job says what may have happened", async ({ page }) => {
    await page.goto("/r/00000000-0000-4000-8000-000000000000");
    await expect(page.getByRole("alert")).toContainText("deleted");
  });
});
