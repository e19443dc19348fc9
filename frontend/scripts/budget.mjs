// Fails the build when the compressed size of what a page loads passes its limit.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const KB = 1000;
const LANGUAGES = ["src/i18n/en/index.ts", "src/i18n/de/index.ts"];
const [LANGUAGE] = LANGUAGES;
const BOXES = "src/stages/boxes/boxes.tsx";

const manifest = JSON.parse(readFileSync("dist/.vite/manifest.json", "utf8"));
const size = (file) => gzipSync(readFileSync(`dist/${file}`), { level: 9 }).length;
const sum = (files) => [...new Set(files)].reduce((total, file) => total + size(file), 0) / KB;

/** Every script that loading these entries fetches, each once. */
function closure(keys, seen = new Set()) {
  for (const key of keys) {
    if (seen.has(key)) continue;
    seen.add(key);
    closure(manifest[key].imports ?? [], seen);
  }
  return seen;
}

const scripts = (...keys) => sum([...closure(["index.html", ...keys])].map((key) => manifest[key].file));
const page = (name) => `src/pages/${name}.tsx`;
const all = Object.entries(manifest);
const files = (ending) =>
  all.flatMap(([, { file, css = [] }]) => [file, ...css]).filter((file) => file.endsWith(ending));
const glossaries = all.flatMap(([, { assets = [] }]) => assets).filter((file) => file.endsWith(".json"));
const loaded = (key) => scripts(key, LANGUAGE, BOXES);

const measured = [
  ["every page, without its language", scripts(), 20],
  ["one language", Math.max(...LANGUAGES.map((key) => sum([manifest[key].file]))), 7],
  ["first page with a full result", scripts(page("start"), BOXES), 35],
  ["result page, language included", loaded(page("result")), 60],
  ["training page with its charts", scripts(page("training"), LANGUAGE), 60],
  ["all JavaScript", sum(files(".js")), 120],
  ["glossary of one language", Math.max(...glossaries.map((file) => sum([file]))), 7],
  ["CSS", sum(files(".css")), 10],
];

for (const [name, kilobytes, limit] of measured)
  console.log(`${name.padEnd(34)} ${kilobytes.toFixed(1).padStart(5)} of ${limit} kB gz`);
if (measured.some(([, kilobytes, limit]) => kilobytes > limit)) process.exit(1);
