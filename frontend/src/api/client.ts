import { signal } from "@preact/signals";
import type { components } from "./schema";
import type {
  Capability,
  Inspection,
  Job,
  JobCreate,
  JobList,
  Model,
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

  /** The server's errors by field name: `/params/score` belongs to `score`, `/params/layers/1` to `layers`. */
  fields(): Record<string, string> {
    const entries = this.problem.errors?.map(({ pointer, detail }) => {
      const [, first, ...rest] = pointer.split("/");
      return [first === "params" && rest.length > 0 ? rest[0] : (rest.at(-1) ?? first), detail];
    });
    return Object.fromEntries(entries ?? []);
  }
}

async function problemOf(response: Response): Promise<ApiError> {
  const retryAfter = Number(response.headers.get("Retry-After")) || null;
  const isJson = response.headers.get("Content-Type")?.includes("json");
  const problem = isJson ? await response.json().catch(() => ({})) : {};
  return new ApiError(response.status, { title: response.statusText, ...problem }, retryAfter);
}

async function send(path: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(0, {});
  }
  if (response.status === 401) isKeyNeeded.value = true;
  if (!response.ok) throw await problemOf(response);
  return response;
}

async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await send(path, { signal, headers: { Accept: "application/json" } });
  return response.json();
}

async function write<T>(method: string, path: string, body?: unknown): Promise<T> {
  const headers = body === undefined ? undefined : { "Content-Type": "application/json" };
  const response = await send(path, {
    method,
    headers,
    body: body === undefined ? null : JSON.stringify(body),
  });
  return response.status === 204 ? (undefined as T) : response.json();
}

const path = (...parts: string[]): string => `/v1/${parts.map(encodeURIComponent).join("/")}`;

/** Long enough for stages that take a moment; of others the place in line is shown soon. */
const INSPECTION_WAIT_S = 1;

export interface JobFilter {
  capability?: string;
  task?: string;
  status?: string;
  model?: string;
  name?: string;
  created_after?: string;
  created_before?: string;
  limit?: string;
  cursor?: string;
}

export const api = {
  capabilities: (signal?: AbortSignal) => get<{ items: Capability[] }>(path("capabilities"), signal),
  translations: (language: string) => get<{ texts: Record<string, string> }>(path("translations", language)),
  document: (name: string, signal?: AbortSignal) =>
    send(path("capabilities", name, "document"), { signal }).then((response) => response.text()),
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
  renameModel: (name: string, title: string) => write<Model>("PATCH", path("models", name), { title }),
  modelVersions: (name: string, signal?: AbortSignal) =>
    get<{ items: Model[] }>(path("models", name), signal),
  modelCard: (name: string, signal?: AbortSignal) =>
    send(path("models", name, "card"), { signal }).then((response) => response.text()),
  modelColumns: (name: string, signal?: AbortSignal) =>
    get<ModelColumns>(path("models", name, "columns"), signal),
  deleteModel: (name: string) => write<void>("DELETE", path("models", name)),
  makeDefault: (name: string, version: number) => write("PUT", path("models", name, "default"), { version }),

  upload: (id: string, signal?: AbortSignal) => get<Upload>(path("uploads", id), signal),
  /** `options` (JSON): the read options that are not to be detected. */
  table: (id: string, options: string, signal?: AbortSignal) =>
    get<TableReport>(
      `${path("uploads", id, "table")}${options && `?${new URLSearchParams({ params: options })}`}`,
      signal,
    ),
  createUpload: async (file: File): Promise<Upload> => {
    const body = new FormData();
    body.append("file", file);
    return (await send(path("uploads"), { method: "POST", body })).json();
  },

  job: (id: string, signal?: AbortSignal) => get<Job>(path("jobs", id), signal),
  jobs: (filter: JobFilter, signal?: AbortSignal) =>
    get<JobList>(`${path("jobs")}?${new URLSearchParams({ ...filter })}`, signal),
  createJob: (body: JobCreate) => write<Job>("POST", path("jobs"), body),
  cancelJob: (id: string) => write<Job>("POST", path("jobs", id, "cancel")),
  retryJob: (id: string) => write<Job>("POST", path("jobs", id, "retry")),
  renameJob: (id: string, name: string) => write<Job>("PATCH", path("jobs", id), { name }),
  deleteJob: (id: string) => write<void>("DELETE", path("jobs", id)),
  /** The stages; where they are not kept, the job that computes them now. */
  inspection: async (id: string, signal?: AbortSignal): Promise<Inspection | Job> => {
    const headers = { Accept: "application/json", Prefer: `wait=${INSPECTION_WAIT_S}` };
    return (await send(path("jobs", id, "inspection"), { signal, headers })).json();
  },
  stageData: (url: string, signal?: AbortSignal) => get<unknown>(url, signal),
  file: (url: string) => send(url).then((response) => response.blob()),
  eventsUrl: (id: string) => path("jobs", id, "events"),
  uploadContentUrl: (id: string) => path("uploads", id, "content"),

  session: (signal?: AbortSignal) => get<Session>(path("session"), signal),

  /** Sends the key once; the browser keeps a cookie, which images and events send too. */
  signIn: (key: string) => write<void>("POST", path("session"), { key }),

  /** The readiness report, also with the status 503, "not ready". */
  readiness: async (signal?: AbortSignal): Promise<Readiness> => {
    const response = await fetch("/readyz", { signal });
    return response.json();
  },
};
