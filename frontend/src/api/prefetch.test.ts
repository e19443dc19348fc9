import { afterEach, expect, test, vi } from "vitest";
import { prefetchParts } from "./prefetch";

afterEach(() => vi.unstubAllGlobals());

test("scripts that the server refused are asked for again after the next job", async () => {
  const manifest = { "src/pages/jobs.tsx": { file: "assets/jobs.js" } };
  let isAway = true;
  const asked: string[] = [];
  vi.stubGlobal("navigator", {});
  vi.stubGlobal("fetch", async (path: string) => {
    asked.push(path);
    if (path === "/.vite/manifest.json") return Response.json(manifest);
    return new Response("", { status: isAway ? 503 : 200 });
  });
  await prefetchParts();
  isAway = false;
  asked.length = 0;
  await prefetchParts();
  expect(asked).toEqual(["/.vite/manifest.json", "/assets/jobs.js"]);

  asked.length = 0;
  await prefetchParts();
  expect(asked).toEqual([]);
});
