import type { BrowserContext, Locator, Page } from "@playwright/test";
import type { Annotation, Dataset, DatasetPicture, Job } from "../src/api/types";
import { expect, newPicture, test } from "./support/app";
import { sidewaysOverflow, tabTo, violations } from "./support/checks";

// the last picture has none after it, a change from another tab is refused, and a lost connection is played
test.use({ expectedErrors: [/(404.*pictures\/next|409.*pictures|ERR_FAILED.*pictures)/] });

const canvas = (page: Page): Locator => page.getByRole("application");
const saved = (page: Page) => expect(page.getByText("Saved", { exact: true })).toBeVisible();

async function post<T>(page: Page, path: string, data: object): Promise<T> {
  const response = await page.request.post(path, { data });
  expect(response.ok(), await response.text()).toBe(true);
  return response.json();
}

/** A dataset of pictures that differ in their last bytes alone. */
async function dataset(page: Page, kind: string, count: number, classes = ["cat", "dog"]) {
  const { id } = await post<Dataset>(page, "/v1/datasets", { name: `Labeled ${kind}`, kind, classes });
  const uploads = [];
  for (let index = 0; index < count; index++) {
    const file = await newPicture(page, `${index}.jpg`);
    const response = await page.request.post("/v1/uploads", { multipart: { file } });
    uploads.push((await response.json()).id);
  }
  const pictures = uploads.map((upload_id) => ({ upload_id }));
  const { items } = await post<{ items: DatasetPicture[] }>(page, `/v1/datasets/${id}/pictures`, {
    pictures,
  });
  return { id, pictures: items, address: `/datasets/${id}/label` };
}

/** The picture is there, and keys go to it. */
async function open(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await expect(canvas(page)).toBeFocused();
}

const listed = (page: Page) => page.locator(".label-list li");

async function annotation(
  page: Page,
  id: string,
  { id: picture }: DatasetPicture,
): Promise<Annotation | null> {
  return (await (await page.request.get(`/v1/datasets/${id}/pictures/${picture}`)).json()).annotation;
}

async function labeled(page: Page, id: string): Promise<number> {
  return (await (await page.request.get(`/v1/datasets/${id}`)).json()).labeled;
}

/** Presses the keys one after another; returns how many they were. */
async function press(page: Page, keys: string): Promise<number> {
  const list = keys.split(" ");
  for (const key of list) await page.keyboard.press(key);
  return list.length;
}

const BOX = "b ArrowLeft ArrowLeft ArrowUp Shift+ArrowRight Shift+ArrowRight Shift+ArrowDown Enter 2";

test("twenty pictures are labeled by keyboard alone, with and without suggestions", async ({ page }) => {
  test.setTimeout(240_000);
  const count = 20;
  for (const isSuggested of [false, true]) {
    const { id, pictures, address } = await dataset(page, "boxes", count);
    await open(page, address);
    if (isSuggested) {
      await tabTo(page, page.getByRole("checkbox", { name: "Suggest for every unlabeled picture" }));
      await page.keyboard.press("Space");
      await tabTo(page, canvas(page));
    }
    const start = Date.now();
    let presses = 0;
    for (const picture of pictures) {
      await expect(page.locator(".label-frame img")).toHaveAttribute("alt", picture.name);
      if (isSuggested) {
        await expect(page.locator(".label-list .is-suggested").first()).toBeVisible({ timeout: 30_000 });
        presses += await press(page, "Shift+Enter");
      } else presses += await press(page, BOX);
      presses += await press(page, "n");
    }
    await expect(page.getByText(`${count} of ${count} pictures labeled`)).toBeVisible();
    const seconds = (Date.now() - start) / 1000;
    console.log(
      `${count} pictures ${isSuggested ? "with" : "without"} suggestions: ${seconds.toFixed(1)} s, ${presses} keys`,
    );
    expect(await labeled(page, id)).toBe(count);
    for (const picture of pictures) {
      const objects = (await annotation(page, id, picture))?.objects ?? [];
      expect(objects.length).toBeGreaterThan(0);
      if (!isSuggested) expect(objects.map(({ label }) => label)).toEqual(["dog"]);
    }
  }
});

test("a reload loses nothing, not even what was never sent", async ({ page }) => {
  const { id, pictures, address } = await dataset(page, "boxes", 2);
  await open(page, address);
  await press(page, "b Enter");
  await expect(listed(page)).toHaveCount(1);
  await page.reload(); // sooner than the pause before saving
  await expect(listed(page)).toHaveCount(1);
  await saved(page);
  expect((await annotation(page, id, pictures[0]))?.objects).toHaveLength(1);

  let isDown = true;
  await page.route("**/v1/datasets/*/pictures/*", (route) =>
    isDown && route.request().method() === "PATCH" ? route.abort() : route.continue(),
  );
  await canvas(page).focus();
  await press(page, "b ArrowDown Enter");
  await expect(listed(page)).toHaveCount(2);
  await page.reload();
  await expect(listed(page)).toHaveCount(2);
  isDown = false;
  await saved(page);
  await expect.poll(async () => (await annotation(page, id, pictures[0]))?.objects?.length).toBe(2);
});
test("a second tab loses nothing: the user chooses, and undo brings the other side back", async ({
  page,
  context,
}) => {
  const { id, pictures, address } = await dataset(page, "boxes", 1);
  const other = await second(context, address);
  await open(page, address);
  await press(page, "b Enter 1");
  await expect.poll(() => labeled(page, id)).toBe(1);
  await press(other, "b ArrowDown Enter 2");
  await expect(other.getByText("This picture was changed elsewhere")).toBeVisible();
  expect(await violations(other)).toEqual([]);
  await press(other, "b ArrowUp Enter 2"); // work goes on before the choice
  await other.getByRole("button", { name: "Keep mine" }).click();
  await saved(other);
  await expect
    .poll(async () => (await annotation(page, id, pictures[0]))?.objects?.map(({ label }) => label))
    .toEqual(["dog", "dog"]);

  await canvas(page).focus();
  await press(page, "b ArrowRight Enter 1");
  await page.getByRole("button", { name: "Take the others" }).click();
  await expect(page.getByRole("combobox", { name: "Class of object 2" })).toHaveValue("dog");
  await page.keyboard.press("Control+z");
  await expect(page.getByRole("combobox", { name: "Class of object 2" })).toHaveValue("cat");
  await saved(page);
  await expect
    .poll(async () => (await annotation(page, id, pictures[0]))?.objects?.map(({ label }) => label))
    .toEqual(["cat", "cat"]);
});

async function second(context: BrowserContext, address: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(address);
  await expect(canvas(page)).toBeVisible();
  return page;
}

/** Presses the pointer at the first point, moves it over the others, and lets go; 0 to 1 of the frame. */
async function drag(page: Page, ...points: [number, number][]): Promise<void> {
  const frame = await canvas(page).boundingBox();
  if (!frame) throw new Error("the canvas has no size");
  const at = ([x, y]: [number, number]) => [frame.x + x * frame.width, frame.y + y * frame.height] as const;
  await page.mouse.move(...at(points[0]));
  await page.mouse.down();
  for (const point of points) await page.mouse.move(...at(point), { steps: 4 });
  await page.mouse.up();
}

test("boxes are drawn, resized, moved and deleted with the mouse", async ({ page }) => {
  const { id, pictures, address } = await dataset(page, "boxes", 1);
  const box = async () => (await annotation(page, id, pictures[0]))?.objects?.[0]?.box ?? [0, 0, 0, 0];
  await open(page, address);
  await drag(page, [0.3, 0.3], [0.5, 0.6]);
  await expect.poll(async () => (await box())[2]).toBeGreaterThan(0); // on the server
  const drawn = await box();
  expect(drawn[0] / pictures[0].width).toBeCloseTo(0.3, 1);
  expect(drawn[3] / pictures[0].height).toBeCloseTo(0.6, 1);
  await drag(page, [0.5, 0.6], [0.8, 0.9]); // its lower right corner
  await expect.poll(async () => (await box())[2]).toBeGreaterThan(drawn[2] + 10);
  expect((await box()).slice(0, 2)).toEqual(drawn.slice(0, 2));
  await page.getByRole("button", { name: "Select", exact: true }).click();
  await drag(page, [0.6, 0.6], [0.5, 0.5]);
  await expect.poll(async () => (await box())[0]).toBeLessThan(drawn[0] - 5);
  await page.getByRole("button", { name: "Delete object 1" }).click();
  await expect.poll(() => annotation(page, id, pictures[0])).toBeNull();
});

test("areas are drawn as polygons and with the brush, by pointer and by keyboard", async ({ page }) => {
  const { id, pictures, address } = await dataset(page, "masks", 1);
  const objects = async () => (await annotation(page, id, pictures[0]))?.objects ?? [];
  await open(page, address);
  const spots: [number, number][] = [
    [0.2, 0.2],
    [0.4, 0.2],
    [0.3, 0.5],
    [0.2, 0.2],
  ];
  for (const spot of spots) await drag(page, spot);
  await expect.poll(async () => (await objects())[0]?.polygons?.[0]?.length).toBe(6);
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Brush" }).click();
  await drag(page, [0.6, 0.3], [0.8, 0.3], [0.8, 0.6]);
  await expect
    .poll(async () => (await objects())[1]?.mask?.size)
    .toEqual([pictures[0].height, pictures[0].width]);
  const before = (await objects())[1].box;
  await page.getByRole("button", { name: "Eraser" }).click();
  await drag(page, [0.55, 0.3], [0.7, 0.3]);
  await expect.poll(async () => (await objects())[1]?.box[0]).toBeGreaterThan(before[0] + 5);
  await canvas(page).focus();
  await press(
    page,
    "Escape p ArrowUp Space ArrowRight ArrowRight ArrowRight Space ArrowDown ArrowDown Space Enter",
  );
  await expect.poll(async () => (await objects()).length).toBe(3);
  await press(page, "Escape d Space Shift+ArrowRight Shift+ArrowRight");
  await expect.poll(async () => (await objects())[3]?.mask).toBeTruthy();
});

test("a picture's class is its digit, and the next picture follows", async ({ page }) => {
  const { id, pictures, address } = await dataset(page, "classes", 3);
  await open(page, address);
  await page.getByRole("checkbox", { name: "Go to the next picture" }).check();
  await canvas(page).focus();
  for (const [index, key] of ["2", "1", "2"].entries()) {
    await expect(page.locator(".label-frame img")).toHaveAttribute("alt", pictures[index].name);
    await page.keyboard.press(key);
  }
  await expect(page.getByText("3 of 3 pictures labeled")).toBeVisible();
  const labels = await Promise.all(pictures.map((picture) => annotation(page, id, picture)));
  expect(labels.map((one) => one?.label)).toEqual(["dog", "cat", "dog"]);
});

test("two fingers zoom, and draw nothing", async ({ browser, baseURL, page }) => {
  const { address } = await dataset(page, "boxes", 1);
  const context = await browser.newContext({
    baseURL,
    hasTouch: true,
    viewport: { width: 360, height: 780 },
    reducedMotion: "reduce",
  });
  const phone = await context.newPage();
  await phone.goto(address);
  const frame = await canvas(phone).boundingBox();
  if (!frame) throw new Error("the canvas has no size");
  const client = await context.newCDPSession(phone);
  const touch = (type: string, spread: number) =>
    client.send("Input.dispatchTouchEvent", {
      type: type as "touchStart",
      touchPoints: (type === "touchEnd" ? [] : [-spread, spread]).map((dx, id) => ({
        x: frame.x + frame.width / 2 + dx,
        y: frame.y + frame.height / 2,
        id,
      })),
    });
  const scale = () =>
    phone.locator(".label-frame img").evaluate((image) => new DOMMatrix(getComputedStyle(image).transform).a);
  const whole = await scale();
  await touch("touchStart", 20);
  for (const spread of [30, 40, 60, 80]) await touch("touchMove", spread);
  await touch("touchEnd", 0);
  expect(await scale()).toBeGreaterThan(whole * 2);
  await expect(listed(phone)).toHaveCount(0);
  await context.close();
});

for (const colorScheme of ["light", "dark"] as const)
  for (const width of [1280, 360])
    test(`the page is accessible, ${colorScheme}, ${width} pixels wide`, async ({ page }) => {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      for (const kind of ["boxes", "masks", "classes"]) {
        const { address } = await dataset(page, kind, 2);
        await page.goto(address);
        await expect(canvas(page)).toBeVisible();
        if (kind === "boxes") await press(page, "b Enter b ArrowDown Enter s");
        if (kind === "boxes")
          await expect(page.locator(".label-list .is-suggested").first()).toBeVisible({ timeout: 30_000 });
        expect(await sidewaysOverflow(page)).toBeLessThanOrEqual(0);
        expect(await violations(page)).toEqual([]);
        await page.screenshot({
          path: `test-results/label-${kind}-${colorScheme}-${width}.png`,
          fullPage: true,
        });
      }
      await page.keyboard.press("?");
      await expect(page.getByRole("dialog", { name: "Keys of this page" })).toBeVisible();
      expect(await violations(page)).toEqual([]);
    });

test("suggested masks are accepted one by one", async ({ page }) => {
  const { id, pictures, address } = await dataset(page, "masks", 1, []);
  await open(page, address);
  const answer: Promise<Job & { result: { instances: unknown[] } | null }> = page
    .waitForResponse((response) => response.url().endsWith("/v1/jobs"))
    .then((response) => response.json());
  await page.keyboard.press("s");
  const count = (await answer).result?.instances.length ?? 0;
  expect(count).toBeGreaterThan(0);
  const suggested = page.locator(".label-list .is-suggested");
  await expect(suggested).toHaveCount(count, { timeout: 30_000 });
  for (let index = 0; index < count; index++) await page.keyboard.press("Enter");
  await expect(suggested).toHaveCount(0);
  await saved(page);
  const objects = (await annotation(page, id, pictures[0]))?.objects ?? [];
  expect(objects).toHaveLength(count);
  expect(objects.every(({ mask }) => mask !== null)).toBe(true);
  await page.keyboard.press("Control+z");
  await expect(suggested).toHaveCount(1);
});
