/** A technical term and the sentence that explains it. */
export interface Term {
  id: string;
  title: string;
  forms: string[]; // other spellings, plurals, and names of metrics
  text: string;
  page: string; // under /learn/: `<capability>#<heading>`
}

/** Terms of one language, ready to be found in texts. */
export interface Glossary {
  terms: Term[];
  byForm: Map<string, Term>;
  pattern: RegExp;
}

/** A piece of text; `term` is set where it names one. */
export interface Piece {
  text: string;
  term: Term | null;
}

export function glossaryOf(terms: Term[]): Glossary {
  const byForm = new Map(terms.flatMap((term) => formsOf(term).map((form) => [normal(form), term] as const)));
  const forms = terms.flatMap(formsOf).sort((one, other) => other.length - one.length);
  // whole words only; the longest form first, as a regular expression takes the first that fits
  const pattern = new RegExp(
    `(?<![\\p{L}\\p{N}_])(?:${forms.map(anyCase).join("|")})(?![\\p{L}\\p{N}_])`,
    "gu",
  );
  return { terms, byForm, pattern };
}

/** The text in pieces: each term is marked at its first occurrence. */
export function withTerms(text: string, { pattern, byForm }: Glossary): Piece[] {
  const pieces: Piece[] = [];
  const seen = new Set<string>();
  let end = 0;
  for (const { 0: found, index } of text.matchAll(pattern)) {
    const term = byForm.get(normal(found));
    if (!term || seen.has(term.id)) continue;
    seen.add(term.id);
    if (index > end) pieces.push({ text: text.slice(end, index), term: null });
    pieces.push({ text: found, term });
    end = index + found.length;
  }
  if (end < text.length) pieces.push({ text: text.slice(end), term: null });
  return pieces;
}

/** The terms that a search finds: in their names first, then in their sentences. */
export function search(terms: Term[], query: string): Term[] {
  const text = query.trim().toLowerCase();
  const isIn = (...texts: string[]) => texts.some((one) => one.toLowerCase().includes(text));
  const named = terms.filter((term) => isIn(...formsOf(term)));
  return [...named, ...terms.filter((term) => !named.includes(term) && isIn(term.text))];
}

const formsOf = ({ title, forms }: Term): string[] => [title, ...forms];

const hasInnerCapital = (form: string): boolean => /\p{Lu}/u.test(form.split(" ")[0].slice(1));

/** "Recall" and "recall" are one form; "mAP" and "map" are not. */
const normal = (form: string): string =>
  hasInnerCapital(form) ? form : form.charAt(0).toLowerCase() + form.slice(1);

function anyCase(form: string): string {
  const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
  const first = form.charAt(0);
  if (hasInnerCapital(form) || first.toLowerCase() === first.toUpperCase()) return literal(form);
  return `[${first.toLowerCase()}${first.toUpperCase()}]${literal(form.slice(1))}`;
}
