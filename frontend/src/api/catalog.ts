import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ApiError, api } from "./client";
import type { Capability } from "./types";

/** The capabilities, loaded once, and again only after a change. */
const capabilities = signal<Capability[] | null>(null);
const failure = signal<ApiError | null>(null);
let isRequested = false;

// boxes and masks are understood at a glance; tables come last
const FIRST: Capability["produces"] = ["boxes", "mask", "image"];

const rank = ({ inputs, produces }: Capability) => {
  if (inputs[0]?.kind !== "image") return FIRST.length + 1;
  const place = FIRST.findIndex((kind) => produces.includes(kind));
  return place < 0 ? FIRST.length : place;
};

export async function reloadCatalog(): Promise<void> {
  isRequested = true;
  try {
    const { items } = await api.capabilities();
    capabilities.value = items.sort((a, b) => rank(a) - rank(b) || a.title.localeCompare(b.title));
    failure.value = null;
  } catch (error) {
    isRequested = false;
    if (error instanceof ApiError) failure.value = error;
  }
}

export function useCatalog(): { items: Capability[] | null; error: ApiError | null } {
  useEffect(() => {
    if (!isRequested) void reloadCatalog();
  }, []);
  return { items: capabilities.value, error: failure.value };
}

export function useCapability(name: string | undefined): Capability | null {
  return useCatalog().items?.find((item) => item.name === name) ?? null;
}
