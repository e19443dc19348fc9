import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { type Call, fileFields, snippet } from "./snippets";

const call: Call = {
  origin: "http://127.0.0.1:8000",
  capability: "detection",
  files: [{ field: "file", name: "it's a street.jpg" }],
  model: "other",
  params: { score: 0.4, candidates: true, seed: null, name: "O'Hara" },
};

test("a shell takes the curl snippet as it is meant", () => {
  const text = snippet("curl", call).replace("curl -s", "printf '%s\\n'");
  const tokens = execFileSync("sh", ["-c", text], { encoding: "utf8" }).trim().split("\n");
  expect(tokens).toEqual([
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

test("Python has None and True", () => {
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

test("lists are lists in Python too", () => {
  const text = snippet("Python", { ...call, params: { columns: ["a", "b, c"], layers: [16, 8] } });
  expect(text).toContain('json.dumps({"columns": ["a", "b, c"], "layers": [16, 8]})');
});

const pair: Call = {
  ...call,
  capability: "pair",
  files: [
    { field: "left", name: "left.jpg" },
    { field: "right", name: "right.jpg" },
  ],
};
const dice: Call = { ...call, capability: "dice", files: [], params: { sides: 6, loaded: false } };

test("several inputs are a form field each", () => {
  expect(snippet("curl", pair)).toContain("-F 'left=@left.jpg' \\\n  -F 'right=@right.jpg'");
  expect(snippet("Python", pair)).toContain(
    'files={"left": open("left.jpg", "rb"), "right": open("right.jpg", "rb")}',
  );
  expect(snippet("JavaScript", pair)).toContain('form.append("right", right);');
});

test("without inputs the params are JSON", () => {
  expect(snippet("curl", dice)).toContain(
    `-H 'Content-Type: application/json' \\\n  -d '{"params":{"sides":6,"loaded":false},"model":"other"}'`,
  );
  expect(snippet("Python", dice)).toContain(
    'json={"params": {"sides": 6, "loaded": False}, "model": "other"}',
  );
  expect(snippet("Python", dice)).not.toContain("import json");
  expect(snippet("JavaScript", dice)).toContain('"Content-Type": "application/json"');
  expect(snippet("JavaScript", dice)).not.toContain("FormData");
});

test("every snippet can be parsed by its own language", () => {
  const calls = [call, pair, dice].flatMap((one) => [one, { ...one, needsKey: true }]);
  const sources = JSON.stringify(calls.map((one) => snippet("Python", one)));
  execFileSync("python3", ["-c", "import ast, json, sys; [*map(ast.parse, json.load(sys.stdin))]"], {
    input: sources,
  });
  const AsyncFunction = (async () => {}).constructor as FunctionConstructor;
  for (const one of calls) expect(() => new AsyncFunction(snippet("JavaScript", one))).not.toThrow();
});

test("a file field has the input's name, and an example file where the reader has none", () => {
  const input = (name: string, required = true) => ({
    name,
    required,
    kind: "image" as const,
    title: name,
    sketch: null,
  });
  expect(fileFields([input("image")])).toEqual([{ field: "file", name: "picture.jpg" }]);
  expect(fileFields([input("image")], { image: "cat.png" })).toEqual([{ field: "file", name: "cat.png" }]);
  expect(fileFields([input("left"), input("mask", false)])).toEqual([{ field: "left", name: "left.jpg" }]);
  expect(fileFields([input("left"), input("mask", false)], { mask: "m.png" })).toEqual([
    { field: "left", name: "left.jpg" },
    { field: "mask", name: "m.png" },
  ]);
  const brushes = [{ name: "sky", color: "#3a7bd5" }];
  const sketch = { width: 8, height: 8, background: "#000000", brushes, by_model: {} };
  expect(fileFields([{ ...input("map"), sketch }])).toEqual([{ field: "file", name: "drawing.png" }]);
  expect(fileFields([])).toEqual([]);
});
