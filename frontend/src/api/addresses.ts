import type { Job } from "./types";

/** The page of a job; stages are shown with the answer they open. */
export function jobAddress({ id, task, inspects }: Pick<Job, "id" | "task" | "inspects">): string {
  if (task === "train") return `/train/${id}`;
  if (task === "sweep") return `/sweeps/${id}`;
  return inspects ? `/r/${inspects}/box` : `/r/${id}`;
}
