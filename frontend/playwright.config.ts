import { existsSync } from "node:fs";
import { defineConfig } from "@playwright/test";

const MOCK = "http://127.0.0.1:8900";
const chromium = process.env.CHROMIUM ?? "/usr/bin/chromium";

// BASE_URL names a running server; without it the tests run against the mock.
export default defineConfig({
  testDir: "e2e",
  outputDir: "test-results/runs",
  timeout: 60_000,
  expect: { timeout: 10_000 },
  workers: 1,
  fullyParallel: false,
  forbidOnly: Boolean(process.env.CI),
  reporter: [["list"]],
  use: {
    baseURL: process.env.BASE_URL ?? MOCK,
    viewport: { width: 1280, height: 900 },
    contextOptions: { reducedMotion: "reduce" },
    permissions: ["clipboard-read", "clipboard-write"],
    launchOptions: {
      // Playwright's own browser is used where none is installed
      executablePath: existsSync(chromium) ? chromium : undefined,
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
      ],
    },
  },
  webServer: process.env.BASE_URL
    ? undefined
    : {
        command: "npm run build && npm run mock",
        url: MOCK,
        reuseExistingServer: !process.env.CI,
        timeout: 240_000,
      },
});
