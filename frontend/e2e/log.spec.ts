import { expect, test } from "./support/app";
import { sidewaysOverflow, violations } from "./support/checks";

for (const colorScheme of ["light", "dark"] as const)
  for (const width of [1280, 360])
    test(`the log of decisions shows and verifies what was asked, ${colorScheme}, ${width} pixels wide`, async ({
      page,
      request,
    }) => {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      const answer = await request.post("/v1/predict/generation", {
        headers: { "Cache-Control": "no-cache" },
      });
      const job = await answer.json();
      await page.goto(`/log?job_id=${job.id}`);
      await expect(page.getByRole("heading", { level: 1 })).toHaveText("Log of decisions");
      const row = page.locator("main tbody tr");
      await expect(row).toHaveCount(1);
      await expect(row).toContainText("Prediction");
      await expect(row).toContainText(job.model.name);
      await row.getByText("Details").click();
      await expect(row.locator("dd").first()).toContainText(/^[0-9a-f]{64}$/);
      await expect(row.getByRole("link", { name: "Open the job" })).toHaveAttribute("href", `/r/${job.id}`);
      await page.getByRole("button", { name: "Verify the log" }).click();
      await expect(page.locator(".log-verification [role=status]")).toContainText("Valid:");
      expect(await sidewaysOverflow(page)).toBeLessThanOrEqual(0);
      expect(await violations(page)).toEqual([]);
      await page.getByLabel("Action").selectOption("train");
      await expect(page.getByText("No entry matches.")).toBeVisible();
    });
