import { useEffect, useState } from "preact/hooks";

/** A component that is loaded when needed; null until then. */
export function useLoaded<T>(load: () => Promise<T>): T | null {
  const [part, setPart] = useState<{ loaded: T } | null>(null);
  useEffect(() => {
    load().then((loaded) => setPart({ loaded }));
  }, []);
  return part?.loaded ?? null;
}
