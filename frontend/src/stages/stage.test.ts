import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const here = new URL(".", import.meta.url);

test("every renderer file is a kind, and every kind has one", () => {
  const kinds = readFileSync(new URL("stage.ts", here), "utf8").matchAll(/import\("\.\/\w+\/([\w-]+)"\)/g);
  const files = readdirSync(here, { recursive: true }).map(String);
  const renderers = files.filter((name) => name.endsWith(".tsx"));
  expect(renderers.map((name) => name.replace(/^\w+\/|\.tsx$/g, "")).sort()).toEqual(
    ["sweep", ...[...kinds].map(([, kind]) => kind)].sort(), // a sweep is drawn by its own page
  );
});
