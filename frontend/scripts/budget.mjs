// Fails the build when the compressed size of what a page loads passes its limit.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const KB = 1000;
const START = "index.html";
const OTHER_LANGUAGE = /^src\/i18n\/en\//; // a page has one at a time; German texts are the longer ones
const PAGE = /^src\/pages\/(.+)\.tsx$/;

/** The most that a page may load, whatever of it is opened: its language, renderers, and dialogs. */
const USUAL = 75;
const PAGES = { compare: 130, result: 142, reviews: 138, start: 130 }; // those that show every kind of stage; an audit's has more

const manifest = JSON.parse(readFileSync("dist/.vite/manifest.json", "utf8"));
const size = (file) => gzipSync(readFileSync(`dist/${file}`), { level: 9 }).length;
const sum = (files) => [...new Set(files)].reduce((total, file) => total + size(file), 0) / KB;

/** Every script that loading these entries fetches, each once; `isWhole`: with the parts that are loaded later. */
function closure(keys, isWhole = false, seen = new Set()) {
  for (const key of keys) {
    if (seen.has(key)) continue;
    seen.add(key);
    const { imports = [], dynamicImports = [] } = manifest[key];
    const later = isWhole && key !== START ? dynamicImports : []; // of the entry it is the other pages
    closure([...imports, ...later.filter((part) => !OTHER_LANGUAGE.test(part))], isWhole, seen);
  }
  return seen;
}

const filesOf = (keys) => [...keys].map((key) => manifest[key].file);
const stylesOf = (keys) => [...keys].flatMap((key) => manifest[key].css ?? []);
const scripts = (...keys) => sum(filesOf(closure([START, ...keys])));
const page = (name) => `src/pages/${name}.tsx`;
const ownStyles = (keys) => sum(stylesOf(keys)) - sum(stylesOf([START]));
const all = Object.entries(manifest);
const glossaries = all.flatMap(([, { assets = [] }]) => assets).filter((file) => file.endsWith(".json"));
const languages = ["en", "de"].map((name) => sum([manifest[`src/i18n/${name}/index.ts`].file]));
const language = Math.max(...languages);
const pages = manifest[START].dynamicImports.flatMap((key) => PAGE.exec(key)?.[1] ?? []).sort();
const BOXES = "src/stages/boxes/boxes.tsx";

const measured = [
  ["every page, without its language", scripts(), 21],
  ["one language", language, 12],
  ["first page with a full result", scripts(page("start"), BOXES), 35],
  ["result page, until its answer", scripts(page("result"), BOXES) + language, 65],
  ...pages.map((name) => {
    const own = closure([START, page(name)], true);
    return [`all of the page ${name}`, sum(filesOf(own)) + ownStyles(own), PAGES[name] ?? USUAL];
  }),
  ["glossary of one language", Math.max(...glossaries.map((file) => sum([file]))), 8],
  ["CSS of every page", sum(stylesOf([START])), 10],
];

for (const [name, kilobytes, limit] of measured)
  console.log(`${name.padEnd(34)} ${kilobytes.toFixed(1).padStart(5)} of ${limit} kB gz`);
if (pages.length === 0 || measured.some(([, kilobytes, limit]) => !(kilobytes <= limit))) process.exit(1);
