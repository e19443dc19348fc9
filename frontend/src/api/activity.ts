import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ApiError, api } from "./client";
import { isSilent } from "./connection";
import { isFinal } from "./types";

/** The number of queued and running jobs among the newest; shown in the top bar. */
export const activeCount = signal(0);

const POLL_MS = 10_000;
let latest = 0;

export function noteActivity(): void {
  const turn = ++latest;
  api
    .jobs({ limit: "20" })
    .then(({ items }) => {
      if (turn === latest) activeCount.value = items.filter((job) => !isFinal(job.status)).length;
    })
    .catch((error: unknown) => {
      if (!(error instanceof ApiError)) throw error;
    });
}

/** Keeps the count while the page is in sight. */
export function useActivity(): void {
  useEffect(() => {
    noteActivity();
    const timer = setInterval(() => {
      if (document.visibilityState === "visible" && !isSilent.value) noteActivity();
    }, POLL_MS);
    return () => clearInterval(timer);
  }, []);
}
