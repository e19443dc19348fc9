import { signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { noteActivity } from "./activity";
import { ApiError, api } from "./client";
import { isFinal, type Job } from "./types";

export type Link = "idle" | "live" | "lost" | "finished";

export interface MetricPoint {
  step: number;
  values: Record<string, number>;
}

/** A training's sheet of samples: its pictures lie row by row, tile by tile without gaps. */
export interface LiveSheet {
  step: number;
  url: string;
  captions?: string[];
  captions_name?: string;
  tile: { width: number; height: number };
  columns: number;
  count: number;
  row_names?: string[];
  column_names?: string[];
}

const ENDS = ["succeeded", "failed", "canceled"];
const FLUSH_MS = 80; // a replay of thousands of events redraws only a few times
const RETRY_MS = 3000;
const POLL_MS = 2000;
const CHECK_MS = 10_000; // beside events that arrive: a proxy may hold them back

/** A job and the events of its stream. The job runs without a listener, too. */
export class JobStream {
  readonly job = signal<Job | null>(null);
  readonly error = signal<ApiError | null>(null);
  readonly link = signal<Link>("idle");
  readonly metrics = signal<MetricPoint[]>([]);
  readonly sheets = signal<LiveSheet[]>([]); // by step
  readonly log = signal<string[]>([]);

  private source: EventSource | null = null;
  private points = new Map<number, MetricPoint>();
  private drawn = new Map<number, LiveSheet>();
  private lines: string[] = [];
  private progress: Job["progress"] | null = null;
  private timers = new Set<ReturnType<typeof setTimeout>>();
  private isFlushing = false;
  private isStopped = false;
  private hasEnded = false;
  private isEndAwaited = false;

  constructor(
    readonly id: string,
    private readonly isReplayed: boolean, // a finished training's chart comes from its events
  ) {}

  async start(): Promise<void> {
    await this.refresh();
    const job = this.job.value;
    if (!job || this.isStopped) return;
    if (isFinal(job.status) && !this.isReplayed) {
      this.link.value = "finished";
      return;
    }
    this.listen();
    if (!isFinal(job.status)) this.poll();
  }

  stop(): void {
    this.isStopped = true;
    this.source?.close();
    for (const timer of this.timers) clearTimeout(timer);
  }

  async refresh(): Promise<void> {
    try {
      const job = await api.job(this.id);
      if (this.isStopped) return;
      this.job.value = job;
      this.error.value = null;
    } catch (error) {
      if (!(error instanceof ApiError) || this.isStopped) return;
      // an address that is no id at all is as gone as one that is no job's
      this.error.value = error.status === 422 ? new ApiError(404, error.problem) : error;
    }
  }

  private after(milliseconds: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      if (!this.isStopped) act();
    }, milliseconds);
    this.timers.add(timer);
  }

  private listen(): void {
    const source = new EventSource(api.eventsUrl(this.id));
    this.source = source;
    source.onopen = () => {
      this.link.value = "live";
    };
    source.onerror = () => {
      this.link.value = "lost";
      // CONNECTING: the browser reconnects, with Last-Event-ID. CLOSED: it gave up on an HTTP error.
      if (source.readyState === EventSource.CLOSED) this.after(RETRY_MS, () => this.relisten());
    };
    const on = (name: string, act: (data: Record<string, unknown>) => void) =>
      source.addEventListener(name, (event) => act(JSON.parse((event as MessageEvent<string>).data)));
    on("progress", (data) => {
      this.progress = { message_parts: [], ...data } as unknown as Job["progress"]; // a worker may omit them
      this.flushSoon();
    });
    on("metric", (data) => {
      const point = data as unknown as MetricPoint;
      const known = this.points.get(point.step)?.values;
      this.points.set(point.step, { step: point.step, values: { ...known, ...point.values } });
      this.flushSoon();
    });
    on("samples", (data) => {
      const sheet = data as unknown as LiveSheet;
      if (this.drawn.get(sheet.step)?.url === sheet.url) return; // every connection sends all of them
      this.drawn.set(sheet.step, sheet);
      this.flushSoon();
    });
    on("log", (data) => {
      this.lines.push(String(data.message ?? ""));
      this.flushSoon();
    });
    for (const name of ENDS) on(name, () => void this.end());
  }

  private async relisten(): Promise<void> {
    await this.refresh();
    if (this.error.value?.status === 404) return;
    this.lines = []; // a new connection replays from the start
    this.listen();
  }

  private flushSoon(): void {
    if (this.isFlushing) return;
    this.isFlushing = true;
    this.after(FLUSH_MS, () => this.flush());
  }

  private flush(): void {
    this.isFlushing = false;
    if (this.points.size > 0) this.metrics.value = byStep(this.points);
    const last = this.sheets.value;
    if (last.length !== this.drawn.size || last.some((sheet) => this.drawn.get(sheet.step) !== sheet))
      this.sheets.value = byStep(this.drawn);
    if (this.lines.length > 0) this.log.value = this.lines.slice(-200);
    const job = this.job.value;
    if (job && this.progress && !isFinal(job.status))
      this.job.value = { ...job, status: "running", queue: null, progress: this.progress };
  }

  private async end(): Promise<void> {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.source?.close();
    this.flush();
    await this.refresh();
    this.link.value = "finished";
    noteActivity();
  }

  /** Beside the events: the place in line, which they lack, and the end where they do not get through. */
  private poll(): void {
    const isQuiet = this.link.value === "live" && this.job.value?.status !== "queued";
    this.after(isQuiet ? CHECK_MS : POLL_MS, async () => {
      if (this.hasEnded) return;
      await this.refresh();
      const job = this.job.value;
      if (this.isStopped || this.error.value?.status === 404) return;
      if (job && isFinal(job.status)) {
        // the events before the end may still be on their way
        if (this.link.value === "live" && !this.isEndAwaited) this.isEndAwaited = true;
        else return void this.end();
      }
      this.poll();
    });
  }
}

const byStep = <Point extends { step: number }>(points: Map<number, Point>): Point[] =>
  [...points.values()].sort((a, b) => a.step - b.step);

export function useJobStream(id: string, isReplayed = false): JobStream {
  const stream = useMemo(() => new JobStream(id, isReplayed), [id, isReplayed]);
  useEffect(() => {
    void stream.start();
    return () => stream.stop();
  }, [stream]);
  return stream;
}
