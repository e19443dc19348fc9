import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { answerShown, expect, sampleJob, test } from "./support/app";
import { sidewaysOverflow, tabTo, violations } from "./support/checks";
import { archive, newDataset, newPictures } from "./support/datasets";
import { leaves } from "./support/tables";

const tiles = "li.tile";

test("an empty dataset is filled, labeled by keyboard, filtered and emptied again", async ({ page }) => {
  const name = `Fruit ${Date.now()}`;
  await page.goto("/datasets");
  await page.getByRole("radio", { name: "an empty dataset" }).check();
  await page.getByRole("textbox", { name: "Name" }).fill(name);
  await page.getByRole("textbox", { name: /^Classes/ }).fill("apple, pear, apple");
  expect(await violations(page)).toEqual([]);
  await page.getByRole("button", { name: "Create" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(name);
  await expect(page.getByText("No pictures yet.")).toBeVisible();

  await page
    .locator(".drop input[type=file]")
    .setInputFiles(await newPictures(page, ["a.jpg", "b.jpg", "c.jpg"]));
  await expect(page.getByText("3 pictures added.")).toBeVisible({ timeout: 30_000 });
  await expect(page.locator(tiles)).toHaveCount(3);

  const first = page.locator(tiles).first();
  await tabTo(page, first.getByRole("link"));
  await page.keyboard.press("1");
  await expect(first.getByRole("combobox")).toHaveValue("apple");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("2");
  await expect(page.locator(tiles).nth(1).getByRole("combobox")).toHaveValue("pear");
  await expect(page.getByText("2 labeled")).toBeVisible();
  expect(await violations(page)).toEqual([]);

  await page.getByRole("combobox", { name: "Labeled" }).selectOption("false");
  await expect(page.locator(tiles)).toHaveCount(1);
  await page.reload(); // the filter is in the address
  await expect(page.locator(tiles)).toHaveCount(1);
  await page.getByRole("combobox", { name: "Labeled" }).selectOption("");
  await expect(page.locator(tiles)).toHaveCount(3);

  await page.getByRole("button", { name: "Select all shown" }).click();
  await page.getByRole("combobox", { name: "Class for the selected pictures" }).fill("walnut");
  await page.getByRole("button", { name: "Assign class" }).click();
  await expect(page.getByText("3 labeled · 3 classes")).toBeVisible();
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByRole("button", { name: "Delete 3 pictures?" }).click();
  await expect(page.locator(tiles)).toHaveCount(0);

  await page.getByRole("button", { name: "Delete dataset" }).click();
  await page.getByRole("button", { name: "Delete permanently?" }).click();
  await expect(page).toHaveURL(/\/datasets$/);
  await expect(page.getByRole("link", { name })).toHaveCount(0);
});

test("a ZIP of folders is imported, and its check is shown with the pictures behind a problem", async ({
  page,
}) => {
  const name = `folders ${Date.now()}.zip`;
  const pictures = await newPictures(page, ["1.jpg", "2.jpg", "3.jpg", "4.jpg", "5.jpg", "6.jpg"]);
  const files = pictures.map(
    (file, index) => [`${index % 2 ? "cats" : "dogs"}/${file.name}`, file.buffer] as [string, Buffer],
  );
  await page.goto("/datasets");
  await page.locator("input[type=file]").setInputFiles(await archive(name, files));
  await expect(page).toHaveURL(/check=/, { timeout: 30_000 });
  await expect(page.getByText("The import is complete.")).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText(/classes: 2, pictures: 6/)).toBeVisible();
  await page.reload(); // the outcome stays at its address
  await page.getByRole("link", { name: "Open the dataset" }).click();
  await expect(page.locator(tiles)).toHaveCount(6);

  await page.getByRole("link", { name: "Versions" }).click();
  const report = page.getByRole("region", { name: "Versions" });
  await expect(report.getByRole("heading", { name: "Version 1" })).toBeVisible();
  await expect(report.getByRole("row", { name: /^cats 3/ })).toBeVisible();
  // the six pictures look alike: only their last bytes differ
  await report
    .getByText(/files$/)
    .first()
    .click();
  await expect(report.locator(".problem-files img").first()).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await page.getByRole("button", { name: "Make a version" }).click();
  await expect(page.getByText("Nothing has changed since version 1.")).toBeVisible();
  await page.goBack();
  await expect(page.locator(tiles)).toHaveCount(6);
});

test("a folder's pictures get the names of their folders as classes; other files are left out", async ({
  page,
}, info) => {
  const { dataset } = await newDataset(page, `Folder ${Date.now()}`, []);
  const root = info.outputPath("animals");
  for (const [index, { buffer }] of (await newPictures(page, ["1.jpg", "2.jpg", "3.jpg"])).entries()) {
    const folder = join(root, index < 2 ? "cats" : "dogs");
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, `${index}.jpg`), buffer);
  }
  await writeFile(join(root, "notes.txt"), "not a picture");
  await page.goto(`/datasets/${dataset.id}`);
  await page.locator("input[webkitdirectory]").setInputFiles(root);
  await expect(page.getByText("3 pictures added.")).toBeVisible({ timeout: 30_000 });
  await expect(page.getByText("3 labeled · 2 classes")).toBeVisible();
  const shown = page.locator(tiles).getByRole("combobox");
  await expect(shown).toHaveCount(3);
  const values = await shown.evaluateAll((all) => all.map((one) => (one as HTMLSelectElement).value));
  expect(values.sort()).toEqual(["cats", "cats", "dogs"]);
});

test("an archive that cannot be imported is refused with the name of its entry, and leaves nothing", async ({
  page,
}) => {
  const name = `broken ${Date.now()}`;
  const file = await archive(`${name}.zip`, [["annotations.json", '{"images": [']]);
  await page.goto("/datasets");
  await page.locator("input[type=file]").setInputFiles(file);
  const alert = page.getByRole("alert");
  await expect(alert).toContainText("The file could not be imported.", { timeout: 60_000 });
  await page.getByRole("button", { name: "Close" }).click();
  await expect(page).toHaveURL(/\/datasets$/);
  await expect(page.getByRole("link", { name })).toHaveCount(0);
});

test("a version is made, and leads to a training on it", async ({ page }) => {
  const labels = ["red", "red", "red", "red", "blue", "blue", "blue", "blue"];
  const { dataset } = await newDataset(page, `Colors ${Date.now()}`, labels);
  await page.goto(`/datasets/${dataset.id}?tab=train`);
  await expect(page.getByText("make one first")).toBeVisible();
  await page.getByRole("link", { name: "Make a version" }).click();
  await page.getByRole("button", { name: "Make a version" }).click();
  const report = page.getByRole("region", { name: "Versions" });
  await expect(report.getByRole("heading", { name: "Version 1" })).toBeVisible({ timeout: 60_000 });
  await report.getByRole("link", { name: "Train on it" }).click();
  await page
    .getByRole("link", { name: "Train: Picture classification" })
    .or(page.getByRole("link", { name: /^Train: / }))
    .first()
    .click();
  const choice = page.getByRole("combobox", { name: "Dataset" });
  await expect(choice).toHaveValue(dataset.id);
  await expect(page.getByRole("button", { name: "Start training" })).toBeEnabled();
  expect(await violations(page)).toEqual([]);
});

test("a table becomes a dataset that a model is trained on", async ({ page }) => {
  test.setTimeout(120_000); // a training is in it
  const name = `leaves-${Date.now()}`;
  await page.goto("/datasets");
  await page.locator("input[type=file]").setInputFiles(leaves(`${name}.csv`, 90));
  await page.getByRole("link", { name: "Open the dataset" }).click({ timeout: 60_000 });
  await expect(page.getByText("90 rows, 5 columns.")).toBeVisible();
  await page.getByRole("navigation", { name: "Parts" }).getByRole("link", { name: "Train" }).click();
  await page.getByRole("link", { name: "Train: Regression and classification" }).click();
  await expect(page.getByRole("combobox", { name: "Dataset" })).toContainText(name);
  await expect(page.getByText("90 rows, 5 columns.")).toBeVisible(); // its columns are there to be chosen
  await page.getByRole("button", { name: "Start training" }).click();
  await expect(page).toHaveURL(/\/train\/[\w-]+$/);
  const about = page.getByRole("region", { name: "About this job" });
  await expect(about).toBeVisible({ timeout: 60_000 }); // until then, the page has a list of other trainings
  await expect(page.getByText("Succeeded")).toBeVisible({ timeout: 60_000 });
  await about.getByRole("link", { name: "version 1" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(name);
});

test.describe("refused changes", () => {
  test.use({ expectedErrors: [/409/] });

  test("classes are renamed, merged and removed, but not while they are used", async ({ page }) => {
    const { dataset } = await newDataset(page, `Classes ${Date.now()}`, ["cat", "kitten", "dog"]);
    await page.goto(`/datasets/${dataset.id}?tab=classes`);
    const rename = async (from: string, to: string) => {
      await page.getByRole("button", { name: `Rename: ${from}` }).click();
      await page.getByRole("textbox", { name: "Name" }).fill(to);
      await page.keyboard.press("Enter");
    };
    await rename("dog", "hound");
    await expect(page.getByRole("link", { name: "hound" })).toBeVisible();
    await rename("kitten", "cat");
    await page.getByRole("button", { name: "Merge" }).click();
    await expect(page.getByText("2 pictures", { exact: true })).toBeVisible();
    await page.getByRole("button", { name: "Remove cat" }).click();
    await page.getByRole("button", { name: "Remove cat?" }).click();
    await expect(page.getByRole("alert")).toContainText("cat");
    await page.getByRole("textbox", { name: "New class" }).fill("bird");
    await page.getByRole("button", { name: "Add class" }).click();
    await page.getByRole("button", { name: "Remove bird" }).click();
    await page.getByRole("button", { name: "Remove bird?" }).click();
    await expect(page.getByRole("link", { name: "bird" })).toHaveCount(0);
    expect(await violations(page)).toEqual([]);
  });

  test("a picture that was changed in another one is shown as it is now", async ({ page }) => {
    const { dataset, pictures } = await newDataset(page, `Tabs ${Date.now()}`, ["cat", "dog"]);
    await page.goto(`/datasets/${dataset.id}`);
    const first = page.locator(tiles).first().getByRole("combobox");
    await expect(first).toHaveValue("cat");
    const [picture] = pictures;
    const other = await page.request.patch(`/v1/datasets/${dataset.id}/pictures/${picture.id}`, {
      data: { revision: picture.revision, annotation: { label: "dog" } },
    });
    expect(other.ok()).toBe(true);
    await first.selectOption("");
    await expect(page.getByRole("alert")).toContainText("was changed in another place");
    await expect(first).toHaveValue("dog");
  });
});

test("an answer joins a dataset as labels that are corrected there", async ({ page }) => {
  await page.goto(`/r/${await sampleJob(page)}`);
  await answerShown(page);
  await page.getByRole("button", { name: "Correct" }).click();
  const dialog = page.getByRole("dialog", { name: "Add to a dataset" });
  await dialog.getByRole("combobox", { name: "Dataset" }).selectOption({ label: "new dataset" });
  await dialog.getByRole("textbox", { name: "Name of the new dataset" }).fill(`Corrections ${Date.now()}`);
  expect(await violations(page)).toEqual([]);
  await dialog.getByRole("button", { name: "Add and correct" }).click();
  await expect(page).toHaveURL(/\/datasets\/[\w-]+\/label\?picture=/);
  const id = page.url().split("/").at(-2);
  const { items } = await (await page.request.get(`/v1/datasets/${id}/pictures`)).json();
  expect(items).toHaveLength(1);
  expect(items[0].annotation.objects.length).toBeGreaterThan(0);
});

test("the pages of datasets fit a phone, in the dark and in German", async ({ page }) => {
  const { dataset } = await newDataset(page, `Ein Datensatz mit einem langen Namen ${Date.now()}`, [
    "a",
    null,
  ]);
  await page.emulateMedia({ colorScheme: "dark" });
  await page.setViewportSize({ width: 320, height: 700 });
  await page.goto("/datasets");
  await page.getByRole("combobox", { name: "Language" }).selectOption("de");
  for (const address of [
    "/datasets",
    ...["", "?tab=classes", "?tab=versions", "?tab=train"].map((tab) => `/datasets/${dataset.id}${tab}`),
  ]) {
    await page.goto(address);
    await expect(page.locator("main h1")).toBeVisible();
    expect(await sidewaysOverflow(page), address).toBe(0);
    expect(await violations(page), address).toEqual([]);
  }
});
