import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { chooseLanguage } from "../i18n";
import { archive, outputNames } from "./archive";
import { Batch, type BatchItem } from "./batch";
import { packIds, unpackIds } from "./ids";
import { distinct } from "./names";
import { checksum, TooLarge, type ZipEntry, zip } from "./zip";

beforeAll(async () => {
  vi.stubGlobal("document", { documentElement: {}, visibilityState: "visible" });
  await chooseLanguage("en");
});

describe("ids in an address", () => {
  const ids = ["3574e8f6-9e9c-4acf-b36c-d6526864cb1a", "00000000-0000-4000-8000-0000000000ff"];

  test("come back as they were, shorter on the way", () => {
    expect(unpackIds(packIds(ids))).toEqual(ids);
    expect(packIds(ids).length).toBe(2 * 22 + 1);
    expect(encodeURIComponent(packIds(ids))).toBe(packIds(ids));
  });

  test("that are none, or there twice, are left out", () => {
    expect(unpackIds(`${packIds([ids[0]])}.nonsense..${packIds([ids[0]])}`)).toEqual([ids[0]]);
    expect(unpackIds("")).toEqual([]);
  });
});

test("names in an archive differ where case is ignored too, and lead nowhere", () => {
  expect(distinct(["a.png", "A.png", "a (2).png", "../../etc/passwd", "..", "b"])).toEqual([
    "a.png",
    "A (2).png",
    "a (2) (2).png",
    "__.._etc_passwd",
    "_",
    "b",
  ]);
});

describe("a ZIP", () => {
  const READ = `
import json, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as z:
    print(json.dumps([z.testzip(), [[i.filename, i.file_size, list(i.date_time)] for i in z.infolist()]]))
`;

  async function readBack(made: Blob): Promise<unknown> {
    const folder = mkdtempSync(join(tmpdir(), "zip-"));
    try {
      const file = join(folder, "made.zip");
      writeFileSync(file, Buffer.from(await made.arrayBuffer()));
      return JSON.parse(execFileSync("python3", ["-c", READ, file], { encoding: "utf8" }));
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  async function* listed(entries: ZipEntry[]) {
    yield* entries;
  }

  test("is one that others can read, with names in any script", async () => {
    const when = new Date(2026, 10, 23, 4, 5, 6);
    const entries = [
      { name: "größe 日本.png", data: new Blob([new Uint8Array(100_000).fill(7)]) },
      { name: "empty", data: new Blob([]) },
    ];
    const moment = [2026, 11, 23, 4, 5, 6];
    expect(await readBack(await zip(listed(entries), when))).toEqual([
      null,
      [
        ["größe 日本.png", 100_000, moment],
        ["empty", 0, moment],
      ],
    ]);
  });

  test("of nothing is a ZIP too", async () => {
    expect(await readBack(await zip(listed([])))).toEqual([null, []]);
  });

  test("of more than its 32 bits count is refused", async () => {
    const data = new Blob(["x"]);
    Object.defineProperty(data, "size", { value: 5e9 });
    await expect(zip(listed([{ name: "huge", data }]))).rejects.toThrow(TooLarge);
  });

  test("has the checksum that the standard gives for its example", async () => {
    expect(await checksum(new Blob(["123456789"]))).toBe(0xcbf43926);
  });
});

/** A server in memory: what it is asked, and how it answers in turn. */
class Server {
  asked: string[] = [];
  atOnce = 0;
  mostAtOnce = 0;
  full = 0; // how many jobs it still turns away
  private count = 0;

  readonly fetch = async (path: string, init: RequestInit = {}): Promise<Response> => {
    this.asked.push(`${init.method ?? "GET"} ${path}`);
    this.atOnce += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.atOnce);
    await new Promise((resolve) => setTimeout(resolve, 5));
    this.atOnce -= 1;
    return this.answer(path, init);
  };

  private answer(path: string, init: RequestInit): Response {
    const json = (body: unknown, status = 200, headers = {}) =>
      new Response(JSON.stringify(body), {
        status,
        headers: { "Content-Type": "application/json", ...headers },
      });
    if (path === "/v1/uploads") {
      const file = (init.body as FormData).get("file") as File;
      if (file.name === "bad.png") return json({ title: "Refused", detail: "No picture." }, 415);
      return json({ id: `upload-${file.name}` }, 201);
    }
    if (path === "/v1/jobs" && init.method === "POST") {
      if (this.full-- > 0) return json({ title: "Full", detail: "Wait." }, 429, { "Retry-After": "1" });
      return json({ id: `job-${++this.count}`, status: "succeeded", artifacts: [] }, 202);
    }
    if (path.endsWith("/content")) return new Response(`bytes of ${path}`);
    return json({ items: [], next_cursor: null });
  }
}

describe("a batch", () => {
  let server: Server;
  beforeEach(() => {
    server = new Server();
    vi.stubGlobal("fetch", server.fetch);
  });
  const file = (name: string) => new File(["x"], name, { type: "image/png" });
  const settled = (batch: Batch) => vi.waitFor(() => expect(batch.isSending).toBe(false), 8000);

  test("makes a job of every file, in their order, a few at a time", async () => {
    const batch = new Batch("denoising", { model: null, params: { strength: 1 } });
    batch.add(Array.from({ length: 10 }, (_, index) => file(`${index}.png`)));
    await settled(batch);
    expect(batch.items.value.map(({ name }) => name)).toEqual([..."0123456789"].map((one) => `${one}.png`));
    expect(new Set(batch.jobIds).size).toBe(10);
    expect(server.mostAtOnce).toBeLessThanOrEqual(4); // three senders, and the count of active jobs
  });

  test("shows why a file is rejected, and continues with the others", async () => {
    const batch = new Batch("denoising", null);
    batch.add([file("a.png"), file("bad.png")], [{ name: "notes.txt", problem: "notes.txt is text." }]);
    await settled(batch);
    expect(batch.items.value.map(({ state, problem }) => [state, problem])).toEqual([
      ["job", null],
      ["refused", "No picture."],
      ["refused", "notes.txt is text."],
    ]);
  });

  test("waits as long as a full queue requires, then continues", async () => {
    server.full = 1;
    const batch = new Batch("denoising", null);
    const start = Date.now();
    batch.add([file("a.png")]);
    await vi.waitFor(() => expect(batch.pausedUntil.value).not.toBeNull());
    await settled(batch);
    expect(Date.now() - start).toBeGreaterThanOrEqual(990);
    expect(batch.pausedUntil.value).toBeNull();
    expect(batch.jobIds).toHaveLength(1);
    expect(server.asked.filter((one) => one === "POST /v1/uploads")).toHaveLength(1);
  });

  test("that is canceled sends nothing more and shows it", async () => {
    server.full = 100;
    const batch = new Batch("denoising", null);
    batch.add(Array.from({ length: 8 }, (_, index) => file(`${index}.png`)));
    await vi.waitFor(() => expect(batch.pausedUntil.value).not.toBeNull());
    await batch.cancelAll("Not sent.");
    await settled(batch);
    expect(batch.jobIds).toEqual([]);
    expect(new Set(batch.items.value.map(({ problem }) => problem))).toEqual(new Set(["Not sent."]));
    const requests = server.asked.length;
    await new Promise((resolve) => setTimeout(resolve, 1200));
    expect(server.asked.slice(requests).filter((one) => one.startsWith("POST"))).toEqual([]);
  });

  test("as an archive holds each first output under its upload's name, and all results", async () => {
    const output = (name: string) => ({ name, url: `/v1/artifacts/${name}/content` });
    const item = (name: string, artifacts: object[], problem: string | null = null) =>
      ({
        name,
        problem,
        job: problem ? null : { id: `of ${name}`, status: "succeeded", artifacts, result: { psnr: 30 } },
      }) as unknown as BatchItem;
    const items = [
      item("cat.jpg", [output("preview.jpg"), output("enlarged.png")]),
      item("cat.webp", [output("enlarged.png")]),
      item("dog.png", []),
      item("bad.txt", [], "Refused."),
    ];
    expect(outputNames(items)).toEqual(["cat.png", "cat (2).png", null, null]);
    const steps: number[] = [];
    const made = await archive(items, (count) => steps.push(count));
    const text = await made.text();
    expect(steps).toEqual([1, 2]);
    expect(text).toContain("bytes of /v1/artifacts/enlarged.png/content");
    expect(text).not.toContain("preview");
    const results = JSON.parse(text.slice(text.indexOf("["), text.indexOf("\n]") + 2));
    expect(results[0]).toMatchObject({ upload: "cat.jpg", output: "cat.png", result: { psnr: 30 } });
    expect(results[3]).toMatchObject({ status: "refused", error: "Refused." });
  });
});
