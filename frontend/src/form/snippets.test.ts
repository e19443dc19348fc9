import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { type Call, snippet } from "./snippets";

const call: Call = {
  origin: "http://127.0.0.1:8000",
  capability: "detection",
  file: "it's a street.jpg",
  model: "other",
  params: { score: 0.4, candidates: true, seed: null, name: "O'Hara" },
};

test("a shell takes the curl snippet as it is meant", () => {
  const text = snippet("curl", call).replace("curl -s", "printf '%s\\n'");
  const words = execFileSync("sh", ["-c", text], { encoding: "utf8" }).trim().split("\n");
  expect(words).toEqual([
    "http://127.0.0.1:8000/v1/predict/detection",
    "-F",
    "file=@it's a street.jpg",
    "-F",
    `params=${JSON.stringify(call.params)}`,
    "-F",
    "model=other",
  ]);
});

test("defaults need no params and no model", () => {
  const text = snippet("curl", { ...call, model: null, params: {} });
  expect(text).not.toContain("params");
  expect(text).not.toContain("model");
});

test("Python says None and True", () => {
  expect(snippet("Python", call)).toContain(
    '{"score": 0.4, "candidates": True, "seed": None, "name": "O\'Hara"}',
  );
});

test("JavaScript asks the same address", () => {
  expect(snippet("JavaScript", call)).toContain('fetch("http://127.0.0.1:8000/v1/predict/detection"');
});

test("where a key is needed, every language takes it from the environment", () => {
  const keyed = { ...call, needsKey: true };
  expect(snippet("curl", keyed)).toContain('-H "Authorization: Bearer $GLASSBOX_API_KEY"');
  expect(snippet("Python", keyed)).toContain("import os");
  expect(snippet("JavaScript", keyed)).toContain("Authorization");
  expect(snippet("Python", call)).not.toContain("Bearer");
});

test("the Python snippet is Python", () => {
  for (const needsKey of [true, false]) {
    const text = snippet("Python", { ...call, needsKey });
    execFileSync("python3", ["-c", "import ast, sys; ast.parse(sys.stdin.read())"], { input: text });
  }
});

test("lists are lists in Python too", () => {
  const text = snippet("Python", { ...call, params: { columns: ["a", "b, c"], layers: [16, 8] } });
  expect(text).toContain('json.dumps({"columns": ["a", "b, c"], "layers": [16, 8]})');
});
