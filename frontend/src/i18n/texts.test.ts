import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { translator } from "./texts";

const root = new URL("../../../models/", import.meta.url);
const read = (name: string) => JSON.parse(readFileSync(new URL(name, root), "utf8"));
const all = readdirSync(root, { recursive: true, encoding: "utf8" }).sort();
const filesOf = (pattern: RegExp) => all.filter((name) => pattern.test(name));

const german = translator(Object.assign({}, ...filesOf(/translations\/de\.json$/).map((name) => read(name))));

test("a text is looked up whole, with its blanks filled in, or part by part", () => {
  const look = translator({
    "Amplified {factor} times.": "{factor}-fach verstärkt.",
    "Why so?": "Warum?",
    "Drawn are {n} of {total} rows.": "Gezeichnet sind {n} von {total} Zeilen.",
    "It minimizes {what}.": "Es macht klein: {what}.",
    "the sum": "die Summe",
  });
  expect(look("Why so?")).toBe("Warum?");
  expect(look("Amplified 2.5 times.")).toBe("2,5-fach verstärkt.");
  expect(look("Why so? Drawn are 1,000 of 1,797 rows.")).toBe(
    "Warum? Gezeichnet sind 1.000 von 1.797 Zeilen.",
  );
  expect(look("It minimizes the sum. Why so?")).toBe("Es macht klein: die Summe. Warum?");
});

test("what is not known stays English as a whole, never half of it", () => {
  const look = translator({ "Why so?": "Warum?" });
  expect(look("Why so? Because.")).toBeNull();
  expect(look("toString")).toBeNull();
});

test("every stage of every shipped answer is told in German", () => {
  const names = filesOf(/\.prediction\/prediction\.json$/);
  expect(names.length).toBeGreaterThan(10);
  const missing = new Set<string>();
  for (const name of names)
    for (const stage of read(name).stages)
      for (const text of [stage.title, stage.explanation]) if (german(text) === null) missing.add(text);
  expect([...missing]).toEqual([]);
});

test("what went wrong is told in German too", () => {
  expect(german("Object detection takes images; 'x.png' was read as a table. Choose another file.")).toBe(
    "Objekterkennung nimmt Bilder; 'x.png' wurde als Tabelle gelesen. Wählen Sie eine andere Datei.",
  );
  expect(german("The file has more than 41,943,040 bytes; at most that many are taken.")).toContain(
    "41.943.040",
  );
  expect(german("Row 3, column 'a': 'x' is not a number. Mend it, or choose other columns.")).toContain(
    "Zeile 3, Spalte 'a'",
  );
});

test("pictures that are compared have German names", () => {
  const missing = new Set<string>();
  for (const name of filesOf(/\.prediction\/.*\.json$/))
    for (const { name: title, alt } of read(name).pictures ?? [])
      for (const text of [title, alt]) if (german(text) === null) missing.add(text);
  expect([...missing]).toEqual([]);
});
