import { signal } from "@preact/signals";
import { after, serverAnswers, untilAnswers } from "./connection";

/** A part of the page is missing: the page is loaded anew when the server responds, or cannot be, as the server lacks it. */
export const missingPart = signal<"awaited" | "gone" | null>(null);

const SCRIPT = /https?:\S+\.js/;
const ENTRY = /\/assets\/index-[\w-]+\.js/;
const PAUSES_MS = [0, 2000, 10_000, 60_000]; // before each further reload of the same kind
const FORGOTTEN_MS = 600_000;
const RELOADS = "reloads";

/**
 * A part of the page that is loaded when it is needed. Browsers keep a failed import for as long as the page lives,
 * so a page that lacks a part is loaded anew, and only while the server responds. Then this never resolves.
 */
export async function part<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (!isComing) console.warn(error);
    void comeBack(SCRIPT.exec(String(error))?.[0] ?? null);
    return new Promise(() => {});
  }
}

let isComing = false;

async function comeBack(script: string | null): Promise<void> {
  if (isComing) return;
  isComing = true;
  missingPart.value = "awaited";
  for (;;) {
    const wasSilent = await untilAnswers();
    const reloads = wasSilent ? 0 : recentReloads();
    await after(PAUSES_MS[Math.min(reloads, PAUSES_MS.length - 1)]);
    if ((await serverAnswers()) && (await helps(script))) return reload(reloads + 1);
    missingPart.value = "gone";
    await after(PAUSES_MS.at(-1) ?? 0);
  }
}

/** Whether the page would have the script after a reload: the server has another build, or the script is there. */
async function helps(script: string | null): Promise<boolean> {
  try {
    const page = await (await fetch("/", { cache: "no-store" })).text();
    const entry = ENTRY.exec(page)?.[0];
    if (entry && !document.querySelector(`script[src$="${entry}"]`)) return true;
    return script === null || (await fetch(script, { cache: "reload" })).ok;
  } catch {
    return false;
  }
}

function reload(reloads: number): void {
  sessionStorage.setItem(RELOADS, `${reloads} ${Date.now()}`);
  location.reload();
}

/** How often this tab was lately reloaded for a missing part though the server was never silent. */
function recentReloads(): number {
  const [count, at] = (sessionStorage.getItem(RELOADS) ?? "0 0").split(" ").map(Number);
  return Date.now() - at < FORGOTTEN_MS ? count : 0;
}
