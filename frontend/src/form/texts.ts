import { label, type Translation } from "../i18n";
import type { Field } from "./schema";

/** The ids of a field's text: the capability's own, then the one that several capabilities share. */
const idsOf = (textsOf: string, field: Field, key: string): string[] => [
  `${textsOf}.${field.name}.${key}`,
  `core.params.${field.name}.${key}`,
];

/** A text of a form's field in the reader's language. `textsOf` is `<capability>.<task>`. */
export const fieldText = (
  textsOf: string,
  field: Field,
  key: "title" | "description" | "group",
): Translation => label(idsOf(textsOf, field, key), field[key]);

/** A choice of a field in the reader's language. */
export const choiceText = (textsOf: string, field: Field, choice: string): string =>
  label(idsOf(textsOf, field, `choices.${choice}`), field.titles[choice] ?? choice).text;
