import { useEffect, useState } from "preact/hooks";
import { part } from "../../api/parts";

/** A component that is loaded when needed; null until then. */
export function useLoaded<T>(load: () => Promise<T>): T | null {
  const [state, setState] = useState<{ loaded: T } | null>(null);
  useEffect(() => {
    part(load).then((loaded) => setState({ loaded }));
  }, []);
  return state?.loaded ?? null;
}
