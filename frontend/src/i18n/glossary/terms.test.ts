import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { blocksOf } from "../../components/controls/markdown-blocks";
import de from "./de.json";
import en from "./en.json";
import { glossaryOf, search, type Term, withTerms } from "./terms";

const languages: Record<string, Term[]> = { en, de };

const marked = (text: string, terms: Term[] = en) =>
  withTerms(text, glossaryOf(terms)).map((piece) => (piece.term ? `[${piece.text}]` : piece.text));

test("a term is marked at its first occurrence, the longest form first", () => {
  expect(marked("Spherical k-means beats k-means. k-means again.").join("")).toBe(
    "[Spherical k-means] beats [k-means]. k-means again.",
  );
  expect(marked("IoU threshold: the least IoU.").join("")).toBe("[IoU threshold]: the least [IoU].");
  expect(marked("Initialized by k-means++, 10 restarts.").join("")).toBe(
    "Initialized by [k-means++], 10 [restarts].",
  );
});

test("only whole words are terms", () => {
  expect(marked("epochal seeds_of precisions")).toEqual(["epochal seeds_of precisions"]);
  expect(marked("Überanpassungen, Überanpassung", de).join("")).toBe("Überanpassungen, [Überanpassung]");
});

test("the first letter may be a capital, and abbreviations keep theirs", () => {
  expect(marked("Recall and recall").join("")).toBe("[Recall] and recall");
  expect(marked("a map of mAP and map50").join("")).toBe("a map of [mAP] and map50");
  expect(marked("map50").join("")).toBe("[map50]");
  expect(marked("R² is 0.9").join("")).toBe("[R²] is 0.9");
});

test("a text without terms is one piece, an empty one none", () => {
  expect(marked("Nothing here.")).toEqual(["Nothing here."]);
  expect(marked("")).toEqual([]);
});

test("both languages explain the same terms on the same pages", () => {
  const pages = (terms: Term[]) => Object.fromEntries(terms.map(({ id, page }) => [id, page]));
  expect(pages(de)).toEqual(pages(en));
  expect(en.length).toBeGreaterThanOrEqual(60);
});

test("the page of each term exists, and so does the heading", () => {
  const missing = en.filter(({ page }) => {
    const [name, heading] = page.split("#");
    const text = readFileSync(new URL(`../../../../docs/${name}.md`, import.meta.url), "utf8");
    return heading && !blocksOf(text).some((block) => block.kind === "heading" && block.id === heading);
  });
  expect(missing.map(({ page }) => page)).toEqual([]);
});

test.each(Object.keys(languages))("each term is one sentence and each form has one meaning (%s)", (name) => {
  const terms = languages[name];
  for (const { text } of terms) expect(text).toMatch(/^\P{Ll}.*\.$/u);
  const forms = terms.flatMap(({ title, forms }) => [title, ...forms]);
  expect(forms.filter((form, index) => forms.indexOf(form) !== index)).toEqual([]);
});

test("a search finds names before sentences", () => {
  const found = search(en, "gan").map(({ id }) => id);
  expect(found.slice(0, 2).sort()).toEqual(["gan", "patchgan"]);
  expect(found).toContain("generator");
  expect(search(en, "")).toHaveLength(en.length);
});
