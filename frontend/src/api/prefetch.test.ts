import { afterEach, expect, test, vi } from "vitest";
import { prefetchParts } from "./prefetch";

afterEach(() => vi.unstubAllGlobals());

test("scripts that the server refused are requested again after the next job", async () => {
  const manifest = { "src/pages/jobs.tsx": { file: "assets/jobs.js" } };
  let isAway = true;
  const requested: string[] = [];
  vi.stubGlobal("navigator", {});
  vi.stubGlobal("fetch", async (path: string) => {
    requested.push(path);
    if (path === "/.vite/manifest.json") return Response.json(manifest);
    return new Response("", { status: isAway ? 503 : 200 });
  });
  await prefetchParts();
  isAway = false;
  requested.length = 0;
  await prefetchParts();
  expect(requested).toEqual(["/.vite/manifest.json", "/assets/jobs.js"]);

  requested.length = 0;
  await prefetchParts();
  expect(requested).toEqual([]);
});
