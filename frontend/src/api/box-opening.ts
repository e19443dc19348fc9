import { computed, effect, signal } from "@preact/signals";
import { ApiError, api } from "./client";
import { JobStream } from "./job-stream";
import { type Inspection, isFinal, type Job } from "./types";

/** Opens the box of one job: loads its stages, and waits for the job that computes them where there is one. */
export class BoxOpening {
  readonly inspection = signal<Inspection | null>(null);
  readonly error = signal<ApiError | null>(null);
  readonly isOpening = signal(false);
  /** The job that computes the stages, with its place in line and its progress. */
  readonly stream = signal<JobStream | null>(null);
  /** That job, when it ended without them. */
  readonly failure = computed<Job | null>(() => {
    const job = this.stream.value?.job.value;
    return job && isFinal(job.status) && job.status !== "succeeded" ? job : null;
  });

  private unfollow: (() => void) | null = null;
  private isStopped = false;

  constructor(readonly jobId: string) {}

  async open(): Promise<void> {
    if (this.isOpening.peek() || this.inspection.peek() || this.isStopped) return;
    this.leave();
    this.error.value = null;
    this.isOpening.value = true;
    await this.ask();
  }

  stop(): void {
    this.isStopped = true;
    this.leave();
  }

  private async ask(): Promise<void> {
    try {
      const found = await api.inspection(this.jobId);
      if (this.isStopped) return;
      if ("stages" in found) {
        this.leave();
        this.inspection.value = found;
        this.isOpening.value = false;
      } else this.follow(found);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.fail(error);
    }
  }

  private follow(job: Job): void {
    this.leave();
    const stream = new JobStream(job.id, false);
    stream.job.value = job;
    this.stream.value = stream;
    const stopListening = effect(() => {
      const error = stream.error.value;
      const status = stream.job.value?.status ?? job.status;
      if (error?.status === 404) queueMicrotask(() => this.fail(error));
      else if (status === "succeeded") queueMicrotask(() => void this.ask());
      else if (isFinal(status)) this.isOpening.value = false;
    });
    this.unfollow = () => {
      stopListening();
      stream.stop();
    };
    void stream.start();
  }

  private fail(error: ApiError): void {
    this.leave();
    this.error.value = error;
    this.isOpening.value = false;
  }

  private leave(): void {
    this.unfollow?.();
    this.unfollow = null;
    this.stream.value = null;
  }
}
