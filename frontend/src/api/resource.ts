import { useEffect, useState } from "preact/hooks";
import { ApiError } from "./client";

export interface Resource<T> {
  data: T | null;
  error: ApiError | null;
  reload: () => void;
}

/** Loads when `key` changes; a null key loads nothing. The last data stays while a reload is under way. */
export function useResource<T>(key: string | null, load: (signal: AbortSignal) => Promise<T>): Resource<T> {
  const [state, setState] = useState<{ key: string | null; data: T | null; error: ApiError | null }>({
    key,
    data: null,
    error: null,
  });
  const [turn, setTurn] = useState(0);

  useEffect(() => {
    if (key === null) return;
    const control = new AbortController();
    load(control.signal)
      .then((data) => setState({ key, data, error: null }))
      .catch((error: unknown) => {
        if (control.signal.aborted) return;
        if (!(error instanceof ApiError)) throw error;
        setState((last) => ({ key, data: last.key === key ? last.data : null, error }));
      });
    return () => control.abort();
  }, [key, turn]);

  const isCurrent = state.key === key;
  return {
    data: isCurrent ? state.data : null,
    error: isCurrent ? state.error : null,
    reload: () => setTurn(turn + 1),
  };
}
