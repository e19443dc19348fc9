import { beforeEach, expect, test, vi } from "vitest";
import { BoxOpening } from "./box-opening";

const STAGES = { job_id: "job-1", stages: [] };
const computing = (status: string) => ({
  id: "job-2",
  task: "inspect",
  inspects: "job-1",
  status,
  queue: status === "queued" ? { position: 2, eta_seconds: 8 } : null,
  progress: { fraction: 0, step: 0, total: 1, message: "", message_parts: [] },
  error: status === "failed" ? "The model is gone." : null,
});

/** The events of one job, sent by hand. */
class Events {
  static last: Events | null = null;
  isClosed = false;
  private readonly listeners = new Map<string, (event: { data: string }) => void>();

  constructor(readonly url: string) {
    Events.last = this;
  }

  addEventListener(name: string, listen: (event: { data: string }) => void): void {
    this.listeners.set(name, listen);
  }

  send(name: string): void {
    this.listeners.get(name)?.({ data: "{}" });
  }

  close(): void {
    this.isClosed = true;
  }
}

/** A server whose stages and job are set by the test. */
const server = { inspection: [200, STAGES] as [number, unknown], status: "queued", asked: [] as string[] };

beforeEach(() => {
  Object.assign(server, { inspection: [200, STAGES], status: "queued", asked: [] });
  vi.stubGlobal("EventSource", Events);
  vi.stubGlobal("fetch", async (path: string, init: RequestInit = {}) => {
    server.asked.push(`${init.method ?? "GET"} ${path}`);
    const [status, body] = path.endsWith("/inspection")
      ? server.inspection
      : [200, path.includes("?") ? { items: [], next_cursor: null } : computing(server.status)];
    return new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });
  });
});

const asks = () => server.asked.filter((one) => one.endsWith("/inspection")).length;

test("stages that are kept are there at once, and asked for once", async () => {
  const opening = new BoxOpening("job-1");
  await opening.open();
  expect(opening.inspection.value).toEqual(STAGES);
  expect(opening.isOpening.value).toBe(false);
  await opening.open();
  expect(asks()).toBe(1);
});

test("stages that are computed first show the place of their job, and are loaded when it ends", async () => {
  server.inspection = [202, computing("queued")];
  const opening = new BoxOpening("job-1");
  await opening.open();
  expect(opening.isOpening.value).toBe(true);
  expect(opening.stream.value?.job.value?.queue?.position).toBe(2);
  await vi.waitFor(() => expect(Events.last?.url).toBe("/v1/jobs/job-2/events"));

  Object.assign(server, { inspection: [200, STAGES], status: "succeeded" });
  Events.last?.send("succeeded");
  await vi.waitFor(() => expect(opening.inspection.value).toEqual(STAGES));
  expect(opening.isOpening.value).toBe(false);
  expect(asks()).toBe(2);
});

for (const status of ["failed", "canceled"])
  test(`a computation that ${status === "failed" ? "fails" : "is canceled"} can be tried again`, async () => {
    server.inspection = [202, computing("running")];
    server.status = "running";
    const opening = new BoxOpening("job-1");
    await opening.open();
    await vi.waitFor(() => expect(Events.last?.isClosed).toBe(false));
    server.status = status;
    Events.last?.send(status);
    await vi.waitFor(() => expect(opening.failure.value?.status).toBe(status));
    expect(opening.isOpening.value).toBe(false);

    server.inspection = [200, STAGES];
    await opening.open();
    expect(opening.failure.value).toBeNull();
    expect(opening.inspection.value).toEqual(STAGES);
  });

test("a refusal is kept with the server's detail", async () => {
  server.inspection = [409, { title: "Conflict", detail: "The upload of this job is deleted.", status: 409 }];
  const opening = new BoxOpening("job-1");
  await opening.open();
  expect(opening.error.value?.status).toBe(409);
  expect(opening.error.value?.message).toBe("The upload of this job is deleted.");
  expect(opening.isOpening.value).toBe(false);
});

test("a page that is left listens to nothing more", async () => {
  server.inspection = [202, computing("queued")];
  const opening = new BoxOpening("job-1");
  await opening.open();
  await vi.waitFor(() => expect(Events.last?.isClosed).toBe(false));
  opening.stop();
  expect(Events.last?.isClosed).toBe(true);
});
