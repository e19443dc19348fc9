import { api } from "../../../api/client";
import { useResource } from "../../../api/resource";
import type { Job } from "../../../api/types";
import type { SweepData } from "../../../stages/shapes";

const LAST = "10"; // jobs that are looked at

/** Seconds of one fit, by the last sweep of the capability, or its last single jobs; null: there are none. */
export function useSecondsOfFit(capability: string, of: "train" | "predict"): number | null {
  const jobs = useResource(`seconds ${capability} ${of}`, async (signal) => {
    const filter = { capability, status: "succeeded" };
    const sweeps = await api.jobs({ ...filter, task: "sweep", limit: "1" }, signal);
    const { items } = await api.jobs({ ...filter, task: of, limit: LAST }, signal);
    return { sweep: sweeps.items[0] ?? null, singles: items };
  });
  if (!jobs.data) return null;
  const { sweep, singles } = jobs.data;
  const data = sweep?.result as Partial<SweepData> | null;
  const fits = data?.of === of ? (data.cells ?? []).flatMap(({ seconds }) => seconds ?? []) : [];
  return medianOf(fits.length > 0 ? fits : singles.flatMap(secondsOf));
}

function secondsOf({ started_at, finished_at }: Job): number[] {
  return started_at && finished_at ? [(Date.parse(finished_at) - Date.parse(started_at)) / 1000] : [];
}

function medianOf(values: number[]): number | null {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
}
