import type { Model } from "../../api/types";
import { label, type Translation } from "../../i18n";

/** The title or summary of a model in the reader's language. */
export const modelText = (model: Model, key: "title" | "summary"): Translation =>
  label(`${model.capability}.models.${model.name}.${key}`, model[key]);
