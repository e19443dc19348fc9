import type { Capability, Familiarity, Job, Model } from "../../api/types";
import { inReadersLanguage } from "../../i18n";

/** Null: the model has no statistics of the pictures that it learned from. */
export function familiarityOf(job: Job): Familiarity | null {
  const { familiarity } = (inReadersLanguage(job.result) ?? {}) as { familiarity?: Familiarity };
  return familiarity ?? null;
}

/** The names of all classes that the model knows; empty: it has none. */
export function labelsOf({ result }: Job): string[] {
  const { labels, classes } = (result ?? {}) as { labels?: unknown; classes?: unknown };
  return [labels, classes].find(isNames) ?? [];
}

const isNames = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === "string");

/** The preferred model of the capability, unless it is the one that answered. */
export function fittingModel(capability: Capability | null, job: Job): Model | null {
  const preferred = capability?.models.find(({ is_preferred }) => is_preferred);
  return preferred && preferred.name !== job.model?.name ? preferred : null;
}
