import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { api } from "../../api/client";
import { type Language, language } from "..";
import de from "./de.json?url";
import en from "./en.json?url";
import { type Glossary, glossaryOf, type Term } from "./terms";

const files: Record<Language, string> = { en, de };
const glossary = signal<Glossary | null>(null);
let loading: Language | null = null;

/** The glossary in the reader's language; null until it is loaded. */
export function useGlossary(): Glossary | null {
  const name = language.value;
  useEffect(() => void load(name), [name]);
  return glossary.value;
}

async function load(name: Language): Promise<void> {
  if (loading === name) return;
  loading = name;
  try {
    const terms: Term[] = JSON.parse(await (await api.file(files[name])).text());
    if (language.value === name) glossary.value = glossaryOf(terms);
  } catch {
    loading = null; // texts stay without marked terms, and the next one tries again
  }
}
