import { ApiError, api } from "../../api/client";
import type { Job, Model } from "../../api/types";
import { label, t } from "../../i18n";
import { modelText } from "../workbench/model-text";

/** One thing that is compared, by its place in the address. */
export interface Item {
  key: string;
  letter: string;
  kind: "run" | "result" | "model";
  job: Job | null; // a model's is the training that made it, while it is kept
  model: Model | null;
  detail?: string; // what distinguishes it from another of the same name
}

/** What an address names and the server has not. */
export interface Missing {
  key: string;
  letter: string;
  error: ApiError;
}

export type Loaded = Item | Missing;

export const isFound = (one: Loaded): one is Item => "kind" in one;

const letterOf = (index: number): string => String.fromCharCode(65 + index);

/** All of them; one that does not exist is in its place with the reason. */
export const loadItems = (keys: string[], signal: AbortSignal): Promise<Loaded[]> =>
  Promise.all(
    keys.map(async (key, index) => {
      const letter = letterOf(index);
      try {
        return { key, letter, ...(await loadItem(key, signal)) };
      } catch (error) {
        if (error instanceof ApiError && [404, 422].includes(error.status)) return { key, letter, error };
        throw error;
      }
    }),
  );

const MODEL = /^model:([^@]+)(?:@(\d+))?$/;

async function loadItem(key: string, signal: AbortSignal): Promise<Omit<Item, "key" | "letter">> {
  const [, name, version] = MODEL.exec(key) ?? [];
  if (!name) {
    const job = await api.job(key, signal);
    return { kind: job.task === "train" ? "run" : "result", job, model: null };
  }
  const { items } = await api.modelVersions(name, signal);
  const model = items.find((one) => version === undefined || one.version === Number(version));
  if (!model) throw new ApiError(404, {});
  const job = model.job_id ? await api.job(model.job_id, signal).catch(() => null) : null; // deleted
  return { kind: "model", job, model };
}

export const capabilityOf = ({ job, model }: Item): string => model?.capability ?? job?.capability ?? "";

/** The name of a thing, with what distinguishes it from others of that name. */
export const titleOf = (item: Item): string => [nameOf(item), item.detail].filter(Boolean).join(" · ");

/** The name of a thing as its own page has it. */
export function nameOf({ job, model }: Item): string {
  if (model) return `${modelText(model, "title").text}, ${t("model.version", { n: model.version })}`;
  const capability = job?.capability ?? "";
  const made = (job?.result as { model?: { name: string; version: number } } | null)?.model;
  if (job?.model_name && made) return `${made.name}, ${t("model.version", { n: made.version })}`;
  return job?.model_name || job?.name || label(`${capability}.title`, capability).text;
}

export const addressOf = ({ kind, job, model }: Item): string => {
  if (model) return `/models/${encodeURIComponent(model.name)}`;
  return kind === "run" ? `/train/${job?.id}` : `/r/${job?.id}`;
};

/** The name of an item in a legend or a table, unlike that of every other item. */
export const legendOf = (item: Item): string => `${item.letter} ${titleOf(item)}`;

/** Whether all of these jobs were given the same uploads. */
export const haveSameInputs = (jobs: Job[]): boolean =>
  new Set(jobs.map(({ inputs }) => JSON.stringify(Object.entries(inputs).sort()))).size <= 1;
