import type { Signal } from "@preact/signals";
import { ApiError } from "../api/client";

/** The user canceled it; the message is the reason. */
export class Stopped extends Error {}

const WAIT_SECONDS = 3;
const MAX_TRIES = 20; // against a server that is away; a full queue is waited for

const isFull = ({ status }: ApiError) => status === 429;
const isAway = ({ status }: ApiError) => status === 0 || status === 503;

/**
 * Repeats a request until the server accepts it: when the queue is full, after the time in its response, or when the
 * server does not respond, after a pause. All who share `pausedUntil` wait together.
 *
 * Throws ApiError: refused for another reason, or away for too long; Stopped.
 */
export async function patiently<T>(
  act: () => Promise<T>,
  pausedUntil: Signal<number | null>,
  stop: AbortSignal,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    await pause(pausedUntil, stop);
    if (stop.aborted) throw new Stopped(String(stop.reason));
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof ApiError) || stop.aborted) throw error;
      if (!isFull(error) && !(isAway(error) && tries < MAX_TRIES)) throw error;
      const until = Date.now() + (error.retryAfter ?? WAIT_SECONDS) * 1000;
      pausedUntil.value = Math.max(pausedUntil.value ?? 0, until);
    }
  }
}

async function pause(pausedUntil: Signal<number | null>, stop: AbortSignal): Promise<void> {
  const until = pausedUntil.value;
  if (until === null) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, Math.max(until - Date.now(), 0));
    stop.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
  if (pausedUntil.value === until) pausedUntil.value = null;
}
