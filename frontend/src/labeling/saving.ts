import type { Annotation } from "../api/types";
import { textOf } from "./annotation";

/** What the server has of one picture. */
export interface Saved {
  annotation: Annotation | null;
  revision: number;
}

export type SaveStatus<T extends Saved = Saved> =
  | { name: "saved" | "saving" | "offline" }
  | { name: "refused"; error: unknown }
  /** Somebody else has changed the picture; nothing is sent until one of both is chosen. */
  | { name: "conflict"; current: T };

export interface Ports<T extends Saved> {
  /** `isLast`: the page is being left, and the request has to outlive it. */
  send: (annotation: Annotation | null, revision: number, isLast: boolean) => Promise<T>;
  /** The picture as it is now, if the error is that of a stale revision. */
  conflictOf: (error: unknown) => T | null;
  isTemporary: (error: unknown) => boolean;
  store: Draft;
  onStatus: (status: SaveStatus<T>) => void;
}

/** Where unsent changes outlive the page. */
export interface Draft {
  read: () => string | null;
  write: (text: string | null) => void;
}

const PAUSE_MS = 300; // after a change: further ones are often near
const RETRY_MS = 2000;

/**
 * Saves every change of one picture's annotation: one request at a time, always of the newest state. What is not
 * saved yet is kept as a draft, with the revision that it was made from.
 */
export class Saver<T extends Saved> {
  status: SaveStatus<T> = { name: "saved" };
  private unsent: { annotation: Annotation | null } | null = null;
  private onTheWay: { annotation: Annotation | null } | null = null;
  private sending: Promise<void> | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private base: Saved,
    private readonly ports: Ports<T>,
  ) {}

  /** The annotation to go on with: the draft of an earlier visit, or the server's. Sets `status`, and reports none. */
  begin(): Annotation | null {
    const draft = draftOf(this.ports.store.read());
    if (!draft || textOf(draft.annotation) === textOf(this.base.annotation)) {
      this.ports.store.write(null);
      return this.base.annotation;
    }
    this.unsent = { annotation: draft.annotation };
    const isOnTop = draft.revision === this.base.revision || draft.onTheWay === textOf(this.base.annotation);
    this.status = isOnTop ? { name: "saving" } : { name: "conflict", current: this.base as T };
    if (isOnTop) this.later(0);
    return draft.annotation;
  }

  get isSaved(): boolean {
    return this.unsent === null && this.sending === null;
  }

  change(annotation: Annotation | null): void {
    if (this.isSaved && textOf(annotation) === textOf(this.base.annotation)) return;
    this.unsent = { annotation };
    this.keep();
    if (this.status.name === "conflict") return;
    this.show({ name: "saving" });
    this.later(PAUSE_MS);
  }

  /** Sends at once what is unsent; resolves when nothing is left to do, or it cannot be done now. */
  async flush(isLast = false): Promise<void> {
    clearTimeout(this.timer);
    if (this.status.name === "conflict") return;
    if (isLast) {
      // nobody will be there to wait; what follows a request on its way is a draft
      if (this.unsent && !this.sending) void this.send(true);
      return;
    }
    while (this.sending || this.unsent) {
      await (this.sending ?? this.send(false));
      if (this.status.name !== "saving") return;
    }
  }

  /** Ends a conflict: the own state replaces the other one. */
  keepOwn(): void {
    if (this.status.name !== "conflict") return;
    this.base = this.status.current;
    this.show({ name: "saving" });
    this.keep();
    this.later(0);
  }

  /** Ends a conflict: returns the other state, which the own one gives way to. */
  takeOther(): Annotation | null {
    if (this.status.name === "conflict") this.adopt(this.status.current);
    return this.base.annotation;
  }

  /** The server's newer state, where nothing is unsent; whether it was taken. */
  refresh(current: T): boolean {
    if (!this.isSaved || current.revision <= this.base.revision) return false;
    this.adopt(current);
    return true;
  }

  private adopt(current: Saved): void {
    this.base = current;
    this.unsent = null;
    this.ports.store.write(null);
    this.show({ name: "saved" });
  }

  private later(milliseconds: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (!this.sending) void this.send(false);
    }, milliseconds);
  }

  private send(isLast: boolean): Promise<void> {
    const run = this.sendNewest(isLast).finally(() => {
      if (this.sending === run) this.sending = null;
      if (this.unsent && this.status.name === "saving") this.later(0);
    });
    this.sending = run;
    return run;
  }

  private async sendNewest(isLast: boolean): Promise<void> {
    const sent = this.unsent;
    if (!sent) return;
    this.show({ name: "saving" });
    this.onTheWay = sent;
    try {
      const saved = await this.ports.send(sent.annotation, this.base.revision, isLast);
      this.finish(saved, sent);
    } catch (error) {
      this.fail(error, sent);
    } finally {
      this.onTheWay = null;
    }
  }

  private finish(saved: Saved, sent: { annotation: Annotation | null }): void {
    this.base = { annotation: sent.annotation, revision: saved.revision };
    if (this.unsent !== sent) {
      this.keep(); // changed meanwhile, now on the new revision
      return;
    }
    this.unsent = null;
    this.ports.store.write(null);
    this.show({ name: "saved" });
  }

  private fail(error: unknown, sent: { annotation: Annotation | null }): void {
    const current = this.ports.conflictOf(error);
    if (current && textOf(current.annotation) === textOf(sent.annotation))
      this.finish(current, sent); // another tab, or an answer that was lost
    else if (current) this.show({ name: "conflict", current });
    else if (this.ports.isTemporary(error)) {
      this.show({ name: "offline" });
      this.later(RETRY_MS);
    } else this.show({ name: "refused", error });
  }

  private keep(): void {
    if (!this.unsent) return;
    const kept: Kept = { revision: this.base.revision, annotation: this.unsent.annotation };
    if (this.onTheWay && this.onTheWay !== this.unsent) kept.onTheWay = textOf(this.onTheWay.annotation);
    this.ports.store.write(JSON.stringify(kept));
  }

  private show(status: SaveStatus<T>): void {
    this.status = status;
    this.ports.onStatus(status);
  }
}

/** Changes that were made from `revision`, or from what a request was bringing to the server. */
interface Kept extends Saved {
  onTheWay?: string;
}

function draftOf(text: string | null): Kept | null {
  try {
    const draft = JSON.parse(text ?? "null");
    return typeof draft?.revision === "number" && "annotation" in draft ? draft : null;
  } catch {
    return null;
  }
}
