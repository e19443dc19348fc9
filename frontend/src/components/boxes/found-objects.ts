import type { Job } from "../../api/types";

const FIRST_LABELS = 3;

/** How many objects a result has, and the labels of the strongest; null: it has no boxes. */
export function foundObjects({ result }: Pick<Job, "result">): { count: number; labels: string[] } | null {
  const objects = (result as { objects?: { label: string }[] } | null)?.objects;
  if (!objects) return null;
  return {
    count: objects.length,
    labels: [...new Set(objects.map(({ label }) => label))].slice(0, FIRST_LABELS),
  };
}
