import { signal } from "@preact/signals";

/** The server did not respond when it was last asked. */
export const isSilent = signal(false);

const PATIENCE_MS = 5000;
const [FIRST_MS, LONGEST_MS] = [500, 10_000];

/** Whether the server responds. A proxy that finds no server sends no JSON. */
export async function serverAnswers(): Promise<boolean> {
  try {
    await (await fetch("/readyz", { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) })).json();
    isSilent.value = false;
  } catch {
    isSilent.value = true;
  }
  return !isSilent.value;
}

let waiting: Promise<boolean> | null = null;

/** Waits until the server responds, in ever longer pauses that end when the network is back; returns whether it was silent. */
export function untilAnswers(): Promise<boolean> {
  waiting ??= ask().finally(() => {
    waiting = null;
  });
  return waiting;
}

async function ask(): Promise<boolean> {
  let pause = FIRST_MS;
  let wasSilent = false;
  while (!(await serverAnswers())) {
    wasSilent = true;
    await networkOr(pause);
    pause = Math.min(pause * 2, LONGEST_MS);
  }
  return wasSilent;
}

function networkOr(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      globalThis.removeEventListener?.("online", end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    globalThis.addEventListener?.("online", end);
  });
}

export const after = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Pictures that could not be loaded while the server was silent are loaded when it responds; others once more. */
export function reloadPictures(): void {
  const tried = new WeakSet<HTMLImageElement>();
  const retry = async ({ target }: Event) => {
    if (!(target instanceof HTMLImageElement)) return;
    const { src } = target;
    const wasSilent = await untilAnswers();
    if (!wasSilent && tried.has(target)) return;
    tried.add(target);
    if (target.isConnected && target.src === src) target.src = src;
  };
  addEventListener("error", (event) => void retry(event), true); // of elements these events do not bubble
}

const TRIES = 3; // while the server responds to everything else

/** A picture as an element that is not shown, decoded; throws what its last try threw. */
export async function decoded(url: string): Promise<HTMLImageElement> {
  for (let tries = 1; ; tries++) {
    const image = new Image();
    image.src = url;
    try {
      await image.decode();
      return image;
    } catch (error) {
      if (!(await untilAnswers()) && tries >= TRIES) throw error;
    }
  }
}
