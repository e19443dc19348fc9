import { existsSync } from "node:fs";
import { defineConfig } from "@playwright/test";

const chromium = process.env.CHROMIUM ?? "/usr/bin/chromium";

/** Capabilities of the tests alone: with no input, with several, and with every stage of those that generate. */
const TOYS = ["inputs.spec.ts", "generative.spec.ts"];

/** Measures and prints: python -m tests.bench.pages */
const SPEED = "speed.spec.ts";

// BASE_URL is the address of a running server; tests/browser starts one for this purpose.
export default defineConfig({
  testDir: "e2e",
  // toys need a server that has them
  projects: [
    { name: "pages", testIgnore: [...TOYS, SPEED] },
    { name: "toys", testMatch: TOYS },
    { name: "speed", testMatch: SPEED },
  ],
  outputDir: "test-results/runs",
  timeout: 60_000,
  expect: { timeout: 10_000 },
  workers: 1,
  fullyParallel: false,
  forbidOnly: Boolean(process.env.CI),
  reporter: [["list"]],
  use: {
    baseURL: process.env.BASE_URL ?? "http://127.0.0.1:8000",
    viewport: { width: 1280, height: 900 },
    contextOptions: { reducedMotion: "reduce" },
    permissions: ["clipboard-read", "clipboard-write"],
    launchOptions: {
      // without a browser of the system, Playwright uses its own
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
});
