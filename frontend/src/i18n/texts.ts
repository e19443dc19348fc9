/**
 * Texts of the server, which are English, in the reader's language.
 *
 * A capability brings them with itself (models/<name>/translations/), keyed by the English text. A key may
 * have blanks, "Drawn are {n} of {total} rows.", and a text may be several keys one after another.
 */
type Texts = Record<string, string>;

interface Entry {
  text: string;
  whole: RegExp;
  start: RegExp;
  blanks: string[];
}

const BLANK = /\{(\w+)\}/g;
const NUMBER = /^[-−+]?\d{1,3}(,?\d{3})*(\.\d+)?(e[-+]?\d+)?(?=%$| dB$|$)/;
const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** What looks texts up: null for those that are not known, and then the reader gets the English one. */
export function translator(texts: Texts): (text: string) => string | null {
  const entries = Object.entries(texts)
    .sort(([one], [other]) => other.length - one.length) // the more a key says, the surer it is meant
    .map(([key, text]): Entry => {
      const pattern = key
        .split(BLANK)
        .map((part, index) => (index % 2 ? "(.*?)" : literal(part)))
        .join("");
      const blanks = [...key.matchAll(BLANK)].map(([, name]) => name);
      return { text, blanks, whole: new RegExp(`^${pattern}$`), start: new RegExp(`^${pattern}(?:\\s+|$)`) };
    });
  const withBlanks = entries.filter(({ blanks }) => blanks.length > 0);
  const sentences = entries.filter(({ whole }) => /[.?!]\$$/.test(whole.source));
  const known = new Map<string, string | null>();

  const filled = ({ text, blanks }: Entry, values: string[]): string =>
    text.replace(BLANK, (whole, name: string) => {
      const value = values[blanks.indexOf(name)];
      return value === undefined ? whole : (find(value) ?? (NUMBER.test(value) ? swapped(value) : value));
    });

  function inParts(text: string): string | null {
    if (text === "") return "";
    for (const entry of sentences) {
      const found = entry.start.exec(text);
      if (!found) continue;
      const rest = inParts(text.slice(found[0].length));
      if (rest !== null) return `${filled(entry, found.slice(1))} ${rest}`.trim();
    }
    return null;
  }

  function find(text: string): string | null {
    if (Object.hasOwn(texts, text)) return texts[text];
    for (const entry of withBlanks) {
      const found = entry.whole.exec(text);
      // a blank holds a word or a number, not the sentences after it
      if (found?.slice(1).every((value) => !value.includes(". "))) return filled(entry, found.slice(1));
    }
    return inParts(text);
  }

  return (text) => {
    let found = known.get(text);
    if (found === undefined) {
      found = find(text.trim());
      known.set(text, found);
    }
    return found;
  };
}

/** 1,797.5 as German writes it: the only language but English so far. */
const swapped = (number: string) => number.replace(/[.,]/g, (sign) => (sign === "." ? "," : "."));
