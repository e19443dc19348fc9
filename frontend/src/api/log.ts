import { get, path } from "./client";
import type { Page } from "./lists";
import type { LogEntry, LogVerification } from "./types";

export interface LogFilter {
  action?: string;
  model?: string;
  by?: string;
  job_id?: string;
  limit?: string;
  cursor?: string;
}

export const decisionLog = {
  list: (filter: LogFilter, signal?: AbortSignal) =>
    get<Page<LogEntry>>(`${path("log")}?${new URLSearchParams({ ...filter })}`, signal),
  verify: (signal?: AbortSignal) => get<LogVerification>(path("log", "verification"), signal),
};
