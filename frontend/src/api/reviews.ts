import { get, path, write } from "./client";
import type { Page } from "./lists";
import type { LabeledObject, Review } from "./types";

/** The answer as it should have been, in the form of the model's. */
export type Correction =
  | { label: string }
  | { objects: Pick<LabeledObject, "label" | "box">[] }
  | { predictions: (string | number | null)[] };

export interface Decision {
  decision: "confirmed" | "corrected" | "rejected";
  reviewer?: string;
  reason?: string;
  correction?: Correction;
  dataset_id?: string;
}

export interface ReviewFilter {
  decided?: string; // "true" or "false"
  order?: "oldest" | "newest";
  limit?: string;
  cursor?: string;
}

export interface Confidences {
  items: number[]; // the newest first
  without: number;
}

export const reviews = {
  list: (filter: ReviewFilter, signal?: AbortSignal) =>
    get<Page<Review> & { waiting: number }>(
      `${path("reviews")}?${new URLSearchParams({ ...filter })}`,
      signal,
    ),
  get: (id: string, signal?: AbortSignal) => get<Review>(path("reviews", id), signal),
  /** Status 409: another person has decided, and the problem has the review as `current`. */
  decide: (id: string, body: Decision) => write<Review>("POST", path("reviews", id, "decision"), body),
  confidences: (model: string, version: number, signal?: AbortSignal) =>
    get<Confidences>(`${path("models", model, "confidences")}?version=${version}&limit=200`, signal),
};

export const reviewAddress = (id: string): string => `/reviews?${new URLSearchParams({ id })}`;
