import { signal } from "@preact/signals";
import type {
  Capability,
  Inspection,
  Job,
  JobCreate,
  JobList,
  Model,
  Problem,
  Readiness,
  Session,
  TableReport,
  Upload,
} from "./types";

/** The server asked for a key: the pages wait until one is given. */
export const isKeyNeeded = signal(false);

/** What the server answered instead of success, or that it did not answer (status 0). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly problem: Partial<Problem>,
    readonly retryAfter: number | null = null,
  ) {
    super(problem.detail ?? problem.title ?? `HTTP ${status}`);
  }

  /** The server's complaints by field name: `/params/score` says `score`, `/params/layers/1` says `layers`. */
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

export interface JobFilter {
  capability?: string;
  task?: string;
  status?: string;
  limit?: string;
  cursor?: string;
}

export const api = {
  capabilities: (signal?: AbortSignal) => get<{ items: Capability[] }>(path("capabilities"), signal),
  translations: (language: string) => get<{ texts: Record<string, string> }>(path("translations", language)),
  models: (signal?: AbortSignal) => get<{ items: Model[] }>(path("models"), signal),
  modelVersions: (name: string, signal?: AbortSignal) =>
    get<{ items: Model[] }>(path("models", name), signal),
  modelCard: (name: string, signal?: AbortSignal) =>
    send(path("models", name, "card"), { signal }).then((response) => response.text()),
  deleteModel: (name: string) => write<void>("DELETE", path("models", name)),
  makeDefault: (name: string, version: number) => write("PUT", path("models", name, "default"), { version }),

  upload: (id: string, signal?: AbortSignal) => get<Upload>(path("uploads", id), signal),
  /** `told` (JSON) says how it is to be read, where that is not to be guessed. */
  table: (id: string, told: string, signal?: AbortSignal) =>
    get<TableReport>(
      `${path("uploads", id, "table")}${told && `?${new URLSearchParams({ params: told })}`}`,
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
  deleteJob: (id: string) => write<void>("DELETE", path("jobs", id)),
  inspection: (id: string, signal?: AbortSignal) => get<Inspection>(path("jobs", id, "inspection"), signal),
  stageData: (url: string, signal?: AbortSignal) => get<unknown>(url, signal),
  file: (url: string) => send(url).then((response) => response.blob()),
  eventsUrl: (id: string) => path("jobs", id, "events"),
  uploadContentUrl: (id: string) => path("uploads", id, "content"),

  session: (signal?: AbortSignal) => get<Session>(path("session"), signal),

  /** Gives the key once; the browser keeps a cookie that pictures and events bear too. */
  signIn: (key: string) => write<void>("POST", path("session"), { key }),

  /** The readiness report, also when it says "not ready" (503). */
  readiness: async (signal?: AbortSignal): Promise<Readiness> => {
    const response = await fetch("/readyz", { signal });
    return response.json();
  },
};
