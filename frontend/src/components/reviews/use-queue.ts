import { useEffect, useState } from "preact/hooks";
import { ApiError } from "../../api/client";
import { reviews } from "../../api/reviews";
import type { Review } from "../../api/types";

const SHOWN = "50";

interface State {
  isDecided: boolean;
  items: Review[];
  next: string | null;
  waiting: number;
}

export interface Queue {
  items: Review[] | null; // null: they are being loaded
  waiting: number;
  error: ApiError | null;
  /** Null: all are there. */
  more: (() => Promise<void>) | null;
  reload: () => void;
  /** The review is decided, by whomever: it leaves those that wait. */
  settle: (id: string) => void;
}

/** The answers that wait, the oldest first, or those that were decided, the newest first; page by page. */
export function useQueue(isDecided: boolean): Queue {
  const [state, setState] = useState<State | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const [turn, setTurn] = useState(0);

  const load = async (before: State | null, signal?: AbortSignal) => {
    try {
      const page = await reviews.list(
        {
          ...(isDecided ? { decided: "true", order: "newest" } : { decided: "false" }),
          limit: SHOWN,
          ...(before?.next && { cursor: before.next }),
        },
        signal,
      );
      setState({
        isDecided,
        items: [...(before?.items ?? []), ...page.items],
        next: page.next_cursor,
        waiting: page.waiting,
      });
      setError(null);
    } catch (problem) {
      if (signal?.aborted) return;
      if (!(problem instanceof ApiError)) throw problem;
      setError(problem);
    }
  };
  useEffect(() => {
    const control = new AbortController();
    void load(null, control.signal);
    return () => control.abort();
  }, [isDecided, turn]);

  const current = state?.isDecided === isDecided ? state : null;
  return {
    items: current?.items ?? null,
    waiting: current?.waiting ?? 0,
    error,
    more: current?.next ? () => load(current) : null,
    reload: () => setTurn(turn + 1),
    settle: (id) =>
      setState(
        (all) =>
          all && {
            ...all,
            items: all.items.filter((one) => one.id !== id),
            waiting: Math.max(0, all.waiting - 1),
          },
      ),
  };
}
