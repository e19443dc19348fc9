import { signal } from "@preact/signals";
import { after, untilAnswers } from "./connection";
import type { components } from "./schema";
import type {
  Capability,
  Inspection,
  Job,
  JobChanges,
  JobCreate,
  JobList,
  Model,
  ModelChanges,
  ModelColumns,
  Problem,
  Readiness,
  Session,
  TableReport,
  Upload,
} from "./types";

type Schemas = components["schemas"];

/** The server requires a key: the pages wait until the user enters one. */
export const isKeyNeeded = signal(false);

/** An error response, or status 0: the server does not respond. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly problem: Partial<Problem>,
    readonly retryAfter: number | null = null,
  ) {
    super(problem.detail ?? problem.title ?? `HTTP ${status}`);
  }

  /** Whether the same request may succeed later. */
  get isTemporary(): boolean {
    return [0, 408, 429].includes(this.status) || this.status >= 500;
  }
}

async function problemOf(response: Response): Promise<ApiError> {
  const retryAfter = Number(response.headers.get("Retry-After")) || null;
  const isJson = response.headers.get("Content-Type")?.includes("json");
  const problem = isJson ? await response.json().catch(() => ({})) : {};
  return new ApiError(response.status, { title: response.statusText, ...problem }, retryAfter);
}

type Read<T> = (response: Response) => Promise<T>;

const asJson = <T>(response: Response): Promise<T> => response.json();
const asText: Read<string> = (response) => response.text();
const asNothing: Read<void> = async () => {};

const GATEWAY = [502, 503, 504]; // without JSON: of a proxy that finds no server

/** The body of the response. Throws ApiError, with status 0 where none came or only a part of it. */
async function sendOnce<T>(path: string, init: RequestInit, read: Read<T>): Promise<T> {
  try {
    const response = await fetch(path, init);
    if (response.status === 401) isKeyNeeded.value = true;
    if (response.ok) return await read(response);
    const isJson = response.headers.get("Content-Type")?.includes("json");
    throw GATEWAY.includes(response.status) && !isJson ? new ApiError(0, {}) : await problemOf(response);
  } catch (error) {
    if (error instanceof ApiError || (error instanceof DOMException && error.name === "AbortError"))
      throw error;
    throw new ApiError(0, {});
  }
}

const TRIES = 3; // of a request that alone gets no response
const PAUSE_MS = 300;

/** As sendOnce, for requests that may be repeated: one that is cut off is sent again as soon as the server responds. */
async function send<T>(path: string, init: RequestInit, read: Read<T>): Promise<T> {
  for (let tries = 1; ; ) {
    try {
      return await sendOnce(path, init, read);
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 0) throw error;
      if (await untilAnswers()) continue;
      if (tries++ >= TRIES) throw error;
      await after(PAUSE_MS * tries);
    }
  }
}

export const get = <T>(path: string, signal?: AbortSignal): Promise<T> =>
  send<T>(path, { signal, headers: { Accept: "application/json" } }, asJson);

function bodyOf(method: string, body: unknown, headers: Record<string, string> = {}): RequestInit {
  if (body === undefined) return { method, headers };
  return {
    method,
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify(body),
  };
}

export const write = <T>(method: string, path: string, body?: unknown, init: RequestInit = {}): Promise<T> =>
  sendOnce<T>(path, { ...bodyOf(method, body), ...init }, asJson);

export const writeOnly = (method: string, path: string, body?: unknown): Promise<void> =>
  sendOnce(path, bodyOf(method, body), asNothing);

/** A key by which the server knows a repeated request. `randomUUID` exists on HTTPS only. */
const newKey = (): string => crypto.getRandomValues(new Uint32Array(4)).join("-");

export const path = (...parts: string[]): string => `/v1/${parts.map(encodeURIComponent).join("/")}`;

/** Long enough for stages that take a moment; of others the place in line is shown soon. */
const INSPECTION_WAIT_S = 1;

const ofVersion = (version?: number): string => (version === undefined ? "" : `?version=${version}`);

export interface JobFilter {
  capability?: string;
  task?: string;
  status?: string;
  model?: string;
  name?: string;
  tag?: string;
  dataset?: string;
  created_after?: string;
  created_before?: string;
  limit?: string;
  cursor?: string;
}

/** Maximum bytes of a ZIP archive, and of any other upload. */
export interface UploadLimits {
  archive: number;
  other: number;
}

let limits: Promise<UploadLimits | null> | null = null;

export const api = {
  capabilities: (signal?: AbortSignal) => get<{ items: Capability[] }>(path("capabilities"), signal),
  translations: (language: string) => get<{ texts: Record<string, string> }>(path("translations", language)),
  document: (name: string, signal?: AbortSignal) =>
    send(path("capabilities", name, "document"), { signal }, asText),
  /** All of them, however many pages they are on. */
  models: async (signal?: AbortSignal): Promise<{ items: Model[] }> => {
    const items: Model[] = [];
    let cursor: string | null | undefined = "";
    do {
      const query = new URLSearchParams({ limit: "200", ...(cursor && { cursor }) });
      const page: Schemas["ModelList"] = await get(`${path("models")}?${query}`, signal);
      items.push(...page.items);
      cursor = page.next_cursor;
    } while (cursor);
    return { items };
  },
  /** Title and name are those of all versions, the rest of one, by default the newest. */
  editModel: (name: string, changes: ModelChanges, version?: number) =>
    write<Model>("PATCH", path("models", name) + ofVersion(version), changes),
  modelVersions: (name: string, signal?: AbortSignal) =>
    get<{ items: Model[] }>(path("models", name), signal),
  /** The card's text without the sections of audits. */
  modelCard: (name: string, signal?: AbortSignal) =>
    send(`${path("models", name, "card")}?audits=false`, { signal }, asText),
  modelColumns: (name: string, signal?: AbortSignal) =>
    get<ModelColumns>(path("models", name, "columns"), signal),
  /** All versions, or one. */
  deleteModel: (name: string, version?: number) =>
    writeOnly("DELETE", path("models", name) + ofVersion(version)),
  /** The job that installs a pretrained model. */
  installModel: (name: string) => write<Job>("POST", path("models", name, "install")),
  makeDefault: (name: string, version: number) =>
    writeOnly("PUT", path("models", name, "default"), { version }),

  upload: (id: string, signal?: AbortSignal) => get<Upload>(path("uploads", id), signal),
  /** `options` (JSON): the read options that are not to be detected. */
  table: (id: string, options: string, signal?: AbortSignal) =>
    get<TableReport>(
      `${path("uploads", id, "table")}${options && `?${new URLSearchParams({ params: options })}`}`,
      signal,
    ),
  /** `query` "?listed=false": for datasets only, and deleted with the last of them. */
  createUpload: (file: File, query = ""): Promise<Upload> => {
    const body = new FormData();
    body.append("file", file);
    return send<Upload>(path("uploads") + query, { method: "POST", body }, asJson); // repeated: the same upload
  },

  job: (id: string, signal?: AbortSignal) => get<Job>(path("jobs", id), signal),
  jobs: (filter: JobFilter, signal?: AbortSignal) =>
    get<JobList>(`${path("jobs")}?${new URLSearchParams({ ...filter })}`, signal),
  createJob: (body: JobCreate): Promise<Job> =>
    send<Job>(path("jobs"), bodyOf("POST", body, body.reuse ? {} : { "Idempotency-Key": newKey() }), asJson),
  cancelJob: (id: string) => write<Job>("POST", path("jobs", id, "cancel")),
  retryJob: (id: string) => write<Job>("POST", path("jobs", id, "retry")),
  editJob: (id: string, changes: JobChanges) => write<Job>("PATCH", path("jobs", id), changes),
  deleteJob: (id: string) => writeOnly("DELETE", path("jobs", id)),
  /** The stages; where they are not kept, the job that computes them now. */
  inspection: (id: string, signal?: AbortSignal): Promise<Inspection | Job> => {
    const headers = { Accept: "application/json", Prefer: `wait=${INSPECTION_WAIT_S}` };
    return send<Inspection | Job>(path("jobs", id, "inspection"), { signal, headers }, asJson);
  },
  stageData: (url: string, signal?: AbortSignal) => get<unknown>(url, signal),
  file: (url: string) => send(url, {}, (response) => response.blob()),
  /** The first bytes of a file, as many as come at once. */
  startOf: (url: string) =>
    send(url, {}, async ({ body }) => {
      const reader = body?.getReader();
      const first = await reader?.read();
      void reader?.cancel();
      return first?.value ?? null;
    }),
  eventsUrl: (id: string) => path("jobs", id, "events"),
  uploadPictureUrl: (id: string) => path("uploads", id, "picture"),
  thumbnailUrl: (id: string) => path("uploads", id, "thumbnail"),

  /** The limits of uploads, asked for once; null: unknown. */
  uploadLimits: (): Promise<UploadLimits | null> => {
    limits ??= api
      .session()
      .then(({ max_upload_bytes, max_archive_bytes }) => ({
        other: max_upload_bytes,
        archive: max_archive_bytes,
      }))
      .catch(() => {
        limits = null;
        return null;
      });
    return limits;
  },

  session: (signal?: AbortSignal) => get<Session>(path("session"), signal),

  /** Sends the key once; the browser keeps a cookie, which images and events send too. */
  signIn: (key: string) => writeOnly("POST", path("session"), { key }),

  /** The readiness report, also with the status 503, "not ready". */
  readiness: async (signal?: AbortSignal): Promise<Readiness> => {
    const response = await fetch("/readyz", { signal });
    return response.json();
  },
};
