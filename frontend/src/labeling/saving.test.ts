import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Annotation } from "../api/types";
import { type Saved, Saver, type SaveStatus } from "./saving";

class Stale extends Error {
  constructor(readonly current: Saved) {
    super("stale");
  }
}
class Lost extends Error {}

/** A server with one picture, as the API has it: a change names the revision that it was made from. */
class Server {
  now: Saved = { annotation: null, revision: 1 };
  requests = 0;
  isDown = false;
  delay = 10;

  async annotate(annotation: Annotation | null, revision: number): Promise<Saved> {
    this.requests++;
    if (this.isDown) throw new Lost();
    await new Promise((resolve) => setTimeout(resolve, this.delay / 2));
    if (revision !== this.now.revision) throw new Stale(this.now);
    this.now = { annotation, revision: revision + 1 };
    const saved = this.now;
    await new Promise((resolve) => setTimeout(resolve, this.delay / 2));
    return saved;
  }
}

const label = (name: string): Annotation => ({ label: name, objects: [] });

let server: Server;
let draft: string | null;
let statuses: string[];

/** A tab; those of one browser share their drafts. */
function tab() {
  return new Saver<Saved>(server.now, {
    send: (annotation, revision) => server.annotate(annotation, revision),
    conflictOf: (error) => (error instanceof Stale ? error.current : null),
    isTemporary: (error) => error instanceof Lost,
    store: {
      read: () => draft,
      write: (text) => {
        draft = text;
      },
    },
    onStatus: ({ name }: SaveStatus) => statuses.push(name),
  });
}

beforeEach(() => {
  vi.useFakeTimers();
  server = new Server();
  draft = null;
  statuses = [];
});
afterEach(() => vi.useRealTimers());

test("changes in quick succession are one request, of the newest", async () => {
  const saver = tab();
  for (const name of ["a", "b", "c"]) saver.change(label(name));
  await vi.advanceTimersByTimeAsync(1000);
  expect(server.now).toEqual({ annotation: label("c"), revision: 2 });
  expect(server.requests).toBe(1);
  expect(statuses.at(-1)).toBe("saved");
  expect(draft).toBeNull();
});

test("a change while one is on its way follows it, on the new revision", async () => {
  server.delay = 2000;
  const saver = tab();
  saver.change(label("a"));
  await vi.advanceTimersByTimeAsync(500);
  saver.change(label("b"));
  await vi.advanceTimersByTimeAsync(5000);
  expect(server.now).toEqual({ annotation: label("b"), revision: 3 });
  expect(saver.isSaved).toBe(true);
});

test("a reload before the request sends the draft", async () => {
  tab().change(label("a"));
  expect(server.requests).toBe(0);
  vi.clearAllTimers(); // the page is gone
  const reloaded = tab();
  expect(reloaded.begin()).toEqual(label("a"));
  await vi.advanceTimersByTimeAsync(1000);
  expect(server.now.annotation).toEqual(label("a"));
  expect(draft).toBeNull();
});

test("a reload while the request was on its way is no conflict with itself", async () => {
  const saver = tab();
  saver.change(label("a"));
  await vi.advanceTimersByTimeAsync(305);
  saver.change(label("b")); // waits behind it
  const kept = draft;
  await vi.advanceTimersByTimeAsync(4);
  vi.clearAllTimers();
  server.now = { annotation: label("a"), revision: 2 };
  draft = kept;
  const reloaded = tab();
  expect(reloaded.begin()).toEqual(label("b"));
  await vi.advanceTimersByTimeAsync(1000);
  expect(server.now).toEqual({ annotation: label("b"), revision: 3 });
});

test("a change elsewhere is a conflict, which loses neither side", async () => {
  const saver = tab();
  server.now = { annotation: label("other"), revision: 2 };
  saver.change(label("own"));
  await vi.advanceTimersByTimeAsync(1000);
  expect(saver.status).toEqual({ name: "conflict", current: server.now });
  expect(server.now.annotation).toEqual(label("other"));
  saver.change(label("own, further"));
  await vi.advanceTimersByTimeAsync(1000);
  expect(server.now.annotation).toEqual(label("other")); // nothing is sent before the choice
  expect(draft).toContain("own, further");

  saver.keepOwn();
  await vi.advanceTimersByTimeAsync(1000);
  expect(server.now).toEqual({ annotation: label("own, further"), revision: 3 });
});

test("the other side of a conflict can be taken", async () => {
  const saver = tab();
  server.now = { annotation: label("other"), revision: 2 };
  saver.change(label("own"));
  await vi.advanceTimersByTimeAsync(1000);
  expect(saver.takeOther()).toEqual(label("other"));
  expect(draft).toBeNull();
  saver.change(label("next"));
  await vi.advanceTimersByTimeAsync(1000);
  expect(server.now).toEqual({ annotation: label("next"), revision: 3 });
});

test("a draft of an older revision is a conflict when the picture is opened", () => {
  draft = JSON.stringify({ revision: 1, annotation: label("own") });
  server.now = { annotation: label("other"), revision: 2 };
  const saver = tab();
  expect(saver.begin()).toEqual(label("own"));
  expect(saver.status.name).toBe("conflict");
});

test("the same change from two tabs is no conflict", async () => {
  const [one, two] = [tab(), tab()];
  one.change(label("a"));
  two.change(label("a"));
  await vi.advanceTimersByTimeAsync(1000);
  expect(one.status.name).toBe("saved");
  expect(two.status.name).toBe("saved");
  expect(server.now.annotation).toEqual(label("a"));
});

test("what could not be sent is kept, and sent when the server is back", async () => {
  server.isDown = true;
  const saver = tab();
  saver.change(label("a"));
  await vi.advanceTimersByTimeAsync(3000);
  expect(saver.status.name).toBe("offline");
  expect(draft).toContain('"a"');
  server.isDown = false;
  await vi.advanceTimersByTimeAsync(3000);
  expect(server.now.annotation).toEqual(label("a"));
  expect(saver.status.name).toBe("saved");
});

test("leaving sends at once, and a newer state elsewhere is shown where nothing is unsent", async () => {
  const saver = tab();
  saver.change(label("a"));
  void saver.flush(true);
  expect(server.requests).toBe(1);
  await vi.advanceTimersByTimeAsync(100);
  expect(saver.isSaved).toBe(true);
  expect(saver.refresh({ annotation: label("b"), revision: 3 })).toBe(true);
  expect(saver.refresh({ annotation: label("b"), revision: 3 })).toBe(false);
});
