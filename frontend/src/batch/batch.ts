import { signal } from "@preact/signals";
import { noteActivity } from "../api/activity";
import { ApiError, api } from "../api/client";
import { isFinal, type Job } from "../api/types";
import { errorText, fieldErrors } from "../components/shell/problem-texts";
import { collect } from "./collect";
import { patiently, Stopped } from "./patience";

/** One file of a batch, on its way to being a job. */
export interface BatchItem {
  key: number;
  name: string;
  file: File | null; // in hand: it can be sent, or sent once more
  state: "waiting" | "sending" | "refused" | "job";
  problem: string | null;
  mayPass: boolean; // sent once more it may be accepted
  jobId: string | null;
  job: Job | null; // null until it was read
}

export interface Refusal {
  name: string;
  problem: string;
}

/** What all jobs of a batch are made with. */
export interface BatchSettings {
  model: string | null;
  params: Record<string, unknown>;
}

const SENDERS = 3;
const FOLLOW_MS = 1500;

/** Several files, each a job of its own. It goes on while other pages of this tab are open. */
export class Batch {
  readonly items = signal<BatchItem[]>([]);
  /** Until when the server accepts no further jobs; null: it accepts them. */
  readonly pausedUntil = signal<number | null>(null);
  private settings: BatchSettings | null;
  private senders = 0;
  private followers = 0;
  private isFollowing = false;
  private keys = 0;
  private stopping = new AbortController();

  constructor(
    readonly capability: string,
    settings: BatchSettings | null,
  ) {
    this.settings = settings;
  }

  get jobIds(): string[] {
    return this.items.value.flatMap(({ jobId }) => jobId ?? []);
  }

  get isSending(): boolean {
    return this.items.value.some(({ state }) => state === "waiting" || state === "sending");
  }

  /** What is not known to have ended. */
  private get open(): BatchItem[] {
    return this.items.value.filter(
      ({ jobId, job, problem }) => jobId && !problem && !(job && isFinal(job.status)),
    );
  }

  add(files: File[], refused: Refusal[] = []): void {
    this.goOn();
    this.items.value = [
      ...this.items.value,
      ...files.map((file) => this.item({ name: file.name, file, state: "waiting" })),
      ...refused.map((one) => this.item({ ...one, state: "refused" })),
    ];
    this.send();
  }

  /** Jobs that an earlier page made. */
  restore(ids: string[], names: string[], refused: Refusal[]): void {
    this.items.value = [
      ...ids.map((jobId, index) => this.item({ name: names[index] ?? "", jobId, state: "job" })),
      ...refused.map((one) => this.item({ ...one, state: "refused" })),
    ];
  }

  /** Sends once more what was refused, or asks for a failed job again. */
  async retry(item: BatchItem): Promise<void> {
    if (item.file && !item.jobId) {
      this.goOn();
      this.change(item.key, { state: "waiting", problem: null });
      this.send();
      return;
    }
    if (!item.jobId) return;
    await this.guarded(item.key, async () => {
      const job = await api.retryJob(item.jobId ?? "");
      this.change(item.key, { jobId: job.id, job, problem: null });
    });
    void this.follow();
  }

  async cancelAll(reason: string): Promise<void> {
    this.stopping.abort(reason);
    for (const { key, state } of this.items.value)
      if (state === "waiting") this.change(key, { state: "refused", problem: reason });
    const open = this.items.value.filter(({ job, jobId }) => jobId && !(job && isFinal(job.status)));
    await inTurn(open, async ({ key, jobId }) => {
      const job = await api.cancelJob(jobId ?? "").catch(() => null); // it has ended: the list will show it
      if (job) this.change(key, { job });
    });
    noteActivity();
    void this.follow();
  }

  /** Reads the jobs again and again while a page looks on; returns how to stop. */
  watch(): () => void {
    this.followers += 1;
    void this.follow();
    return () => {
      this.followers -= 1;
    };
  }

  private goOn(): void {
    if (this.stopping.signal.aborted) this.stopping = new AbortController();
  }

  private item(given: Partial<BatchItem> & Pick<BatchItem, "name" | "state">): BatchItem {
    return { key: this.keys++, file: null, problem: null, mayPass: true, jobId: null, job: null, ...given };
  }

  private change(key: number, change: Partial<BatchItem>): void {
    this.items.value = this.items.value.map((item) => (item.key === key ? { ...item, ...change } : item));
  }

  private send(): void {
    while (this.senders < SENDERS && this.items.value.filter(({ state }) => state === "waiting").length > 0) {
      const next = this.items.value.find(({ state }) => state === "waiting");
      if (!next) return;
      this.senders += 1;
      this.change(next.key, { state: "sending" });
      void this.sendOne(next).finally(() => {
        this.senders -= 1;
        this.send();
        if (!this.isSending) noteActivity();
      });
    }
  }

  private async sendOne({ key, file }: BatchItem): Promise<void> {
    if (!file) return;
    const { signal: stop } = this.stopping;
    const ask = <T>(act: () => Promise<T>) => patiently(act, this.pausedUntil, stop);
    await this.guarded(key, async () => {
      const upload = await ask(() => api.createUpload(file));
      const { capability, settings } = this;
      const body = { capability, task: "predict" as const, upload_id: upload.id, ...settings };
      const job = await ask(() => api.createJob(body));
      this.change(key, { state: "job", jobId: job.id, job });
      if (stop.aborted) await api.cancelJob(job.id); // it was under way when the rest was stopped
    });
    void this.follow();
  }

  private async guarded(key: number, act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      if (error instanceof Stopped) return this.change(key, { state: "refused", problem: error.message });
      if (!(error instanceof ApiError)) throw error;
      const details = Object.values(fieldErrors(error)).join(" ");
      const problem = `${errorText(error)} ${details}`.trim();
      this.change(key, { state: "refused", problem, mayPass: error.isTemporary });
    }
  }

  private async follow(): Promise<void> {
    if (this.isFollowing) return;
    this.isFollowing = true;
    while (this.followers > 0 && this.open.length > 0) {
      if (globalThis.document?.visibilityState !== "hidden") await this.read(this.open);
      if (this.open.length > 0) await new Promise((resolve) => setTimeout(resolve, FOLLOW_MS));
    }
    this.isFollowing = false;
    await this.name();
  }

  private async read(open: BatchItem[]): Promise<void> {
    try {
      const found = await collect(
        this.capability,
        open.map(({ jobId }) => jobId ?? ""),
      );
      for (const { key, jobId } of open) {
        const job = found.get(jobId ?? "");
        if (job instanceof ApiError) this.change(key, { problem: errorText(job) });
        else if (job) this.change(key, { job });
      }
      const first = this.items.value.find(({ job }) => job)?.job;
      if (!this.settings && first)
        this.settings = {
          model: first.model && `${first.model.name}@${first.model.version}`,
          params: first.params,
        };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error; // the server is away: the next round asks again
    }
  }

  /** The names of what an earlier page sent. */
  private async name(): Promise<void> {
    const nameless = this.items.value.filter(({ name, job }) => !name && job?.upload_id);
    await inTurn(nameless, async ({ key, job }) => {
      const upload = await api.upload(job?.upload_id ?? "").catch(() => null);
      if (upload) this.change(key, { name: upload.name });
    });
  }
}

/** All of them, a few at a time. */
async function inTurn<T>(list: T[], act: (one: T) => Promise<void>): Promise<void> {
  const rest = [...list];
  const work = async () => {
    for (let one = rest.shift(); one !== undefined; one = rest.shift()) await act(one);
  };
  await Promise.all(Array.from({ length: SENDERS }, work));
}

let live: Batch | null = null;

/** Begins a batch that outlives the page it was begun on. */
export function startBatch(
  capability: string,
  settings: BatchSettings,
  files: File[],
  refused: Refusal[],
): void {
  live = new Batch(capability, settings);
  live.add(files, refused);
}

/** The batch of an address: the one at work here if it is the same, else its jobs anew. */
export function openBatch(capability: string, ids: string[], names: string[], refused: Refusal[]): Batch {
  const known = live?.capability === capability ? live : null;
  if (known && ids.every((id) => known.jobIds.includes(id))) return known;
  live = new Batch(capability, null);
  live.restore(ids, names, refused);
  return live;
}
