import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { progressText } from "../components/jobs/job-progress";
import { chooseLanguage } from "../i18n";
import { JobStream } from "./job-stream";
import type { Job } from "./types";

type Listener = (event: { data: string }) => void;

/** A server's event stream, of which the test sends the events. */
class Events {
  static latest: Events;
  readonly listeners = new Map<string, Listener>();

  constructor() {
    Events.latest = this;
  }

  addEventListener(name: string, listener: Listener): void {
    this.listeners.set(name, listener);
  }

  send(name: string, data: object): void {
    this.listeners.get(name)?.({ data: JSON.stringify(data) });
  }

  close(): void {}
}

const RUNNING = {
  id: "a",
  task: "train",
  status: "running",
  progress: { fraction: 0, step: 0, total: 0, message: "", message_parts: [] },
} as unknown as Job;

beforeEach(async () => {
  vi.useFakeTimers();
  vi.stubGlobal("document", { documentElement: {} });
  vi.stubGlobal("EventSource", Events);
  vi.stubGlobal("fetch", async () => Response.json(RUNNING));
  await chooseLanguage("en");
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("the progress of a training without parts of a message is shown by its steps", async () => {
  const stream = new JobStream("a", true);
  await stream.start();
  Events.latest.send("progress", { fraction: 0.25, step: 1, total: 4, message: "" });
  await vi.advanceTimersByTimeAsync(100);
  const job = stream.job.value as Job;
  stream.stop();

  expect(job.progress.step).toBe(1);
  expect(progressText(job)).toBe("Step 1 of 4");
});

test("sheets of samples are in the order of their steps, and a later one of a step replaces the earlier", async () => {
  const stream = new JobStream("a", true);
  await stream.start();
  const layout = { tile: { width: 2, height: 2 }, columns: 1, count: 1 };
  for (const [step, url] of [
    [20, "b"],
    [10, "a"],
    [20, "c"],
  ])
    Events.latest.send("samples", { step, url, ...layout });
  await vi.advanceTimersByTimeAsync(100);
  const sheets = stream.sheets.value;
  Events.latest.send("samples", { step: 20, url: "c", ...layout }); // a new connection repeats it
  Events.latest.send("metric", { step: 21, values: { loss: 1 } });
  await vi.advanceTimersByTimeAsync(100);
  stream.stop();

  expect(sheets.map(({ url }) => url)).toEqual(["a", "c"]);
  expect(stream.sheets.value).toBe(sheets); // nothing is drawn again
});
