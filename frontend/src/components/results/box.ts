import type { ApiError } from "../../api/client";
import type { Inspection, Job } from "../../api/types";

/** The stages of one answer: kept with it, or computed when the box is first opened. */
export interface Box {
  inspection: Inspection | null;
  isOpening: boolean;
  /** Why it could not be opened: the server's refusal, or the job that was to compute the stages. */
  error: ApiError | null;
  failure: Job | null;
  /** Null: nothing is there to be opened. */
  open: (() => void) | null;
}
