import { createContext } from "preact";
import type { Job } from "../../api/types";

/** The job whose answer is on show, for parts of stages that lead to further jobs; null: there is none. */
export const ShownJob = createContext<Job | null>(null);
