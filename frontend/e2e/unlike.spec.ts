import { createJob, detection, expect, finished, test } from "./support/app";

test("a picture unlike those that the model learned from: its classes, a model that fits, and why", async ({
  page,
}) => {
  await page.goto("/");
  const noise = await page.evaluate(() => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 240, height: 160 });
    const context = canvas.getContext("2d") as CanvasRenderingContext2D;
    const pixels = context.createImageData(240, 160);
    for (let at = 0; at < pixels.data.length; at++)
      pixels.data[at] = at % 4 === 3 ? 255 : Math.random() * 256;
    context.putImageData(pixels, 0, 0);
    return canvas.toDataURL().split(",")[1];
  });
  const file = { name: "noise.png", mimeType: "image/png", buffer: Buffer.from(noise, "base64") };
  const upload = await (await page.request.post("/v1/uploads", { multipart: { file } })).json();
  const job = await createJob(page, { upload_id: upload.id, model: "grid-detector" });
  await finished(page, job);

  await page.goto(`/r/${job.id}`);
  const banner = page.getByRole("region", { name: /This model knows 10 kinds: animal, bird,/ });
  await expect(banner).toContainText("This picture is unlike those that it learned from.");
  const preferred = (await detection(page)).models.find(({ is_preferred }) => is_preferred);
  const offer = preferred?.is_installed ? `Answer with ${preferred.title}` : /Install/;
  await expect(banner.getByRole("button", { name: offer })).toBeVisible();
  await banner.getByRole("button", { name: "How this is measured" }).click();
  await expect(page.getByRole("heading", { name: "Like what it learned from?" })).toBeVisible({
    timeout: 40_000,
  });
});

test("a familiar picture has no banner, and the classes of the model are one click away", async ({
  page,
}) => {
  const { samples } = await detection(page);
  const scene = samples.find(({ name }) => name === "valley");
  const job = await createJob(page, { upload_id: scene?.upload_id, model: "grid-detector" });
  await finished(page, job);

  await page.goto(`/r/${job.id}`);
  await page.getByText("The 10 classes that grid-detector knows").click();
  await expect(page.getByText("animal, bird, building,")).toBeVisible();
  await expect(page.getByText("This picture is unlike")).toHaveCount(0);
});
