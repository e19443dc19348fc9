import { useEffect, useState } from "preact/hooks";
import { ApiError } from "./client";

export interface Resource<T> {
  data: T | null;
  error: ApiError | null;
  isSlow: boolean; // loading takes long enough to show a placeholder
  reload: () => void;
}

const SLOW_MS = 300;

/** Loads when `key` changes; a null key loads nothing. The last data stays while a reload is under way. */
export function useResource<T>(key: string | null, load: (signal: AbortSignal) => Promise<T>): Resource<T> {
  const [state, setState] = useState<{ key: string | null; data: T | null; error: ApiError | null }>({
    key,
    data: null,
    error: null,
  });
  const [isSlow, setSlow] = useState(false);
  const [turn, setTurn] = useState(0);

  useEffect(() => {
    if (key === null) return;
    const control = new AbortController();
    const timer = setTimeout(() => setSlow(true), SLOW_MS);
    load(control.signal)
      .then((data) => setState({ key, data, error: null }))
      .catch((error: unknown) => {
        if (control.signal.aborted) return;
        if (!(error instanceof ApiError)) throw error;
        setState((last) => ({ key, data: last.key === key ? last.data : null, error }));
      })
      .finally(() => {
        clearTimeout(timer);
        if (!control.signal.aborted) setSlow(false);
      });
    return () => {
      clearTimeout(timer);
      control.abort();
    };
  }, [key, turn]);

  const isCurrent = state.key === key;
  return {
    data: isCurrent ? state.data : null,
    error: isCurrent ? state.error : null,
    isSlow,
    reload: () => setTurn(turn + 1),
  };
}
