import type { Value, Values } from "../form/schema";
import type { SweepData } from "../stages/shapes";
import { get, path, write } from "./client";
import type { Job, Status } from "./types";

/** What all fits have in common, and what varies between them. */
export interface SweepCreate {
  capability: string;
  of: "train" | "predict";
  upload_id?: string;
  dataset_id?: string;
  dataset_version?: number;
  params: Values;
  axes: { param: string; values: Value[] }[];
  seeds: number[];
  minutes?: number;
  fits?: number;
  name?: string;
}

/** A sweep as far as it has come. */
export interface Sweep extends SweepData {
  name: string;
  params: Values;
  status: Status;
}

export const sweeps = {
  get: (id: string, signal?: AbortSignal) => get<Sweep>(path("sweeps", id), signal),
  create: (body: SweepCreate) => write<Job>("POST", path("sweeps"), body),
  /** Queues the fits that were canceled or left out. */
  resume: (id: string) => write<Job>("POST", path("jobs", id, "resume")),
  example: (capability: string, name: string, signal?: AbortSignal) =>
    get<Sweep>(path("capabilities", capability, "sweeps", name), signal),
};
