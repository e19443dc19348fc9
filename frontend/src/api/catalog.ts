import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ApiError, api } from "./client";
import type { Capability } from "./types";

/** The capabilities, asked for once and again only after something changed them. */
const capabilities = signal<Capability[] | null>(null);
const failure = signal<ApiError | null>(null);
let isAsked = false;

// boxes and masks say at a glance what this is about; tables come last
const FIRST: Capability["produces"] = ["boxes", "mask", "image"];

const rank = ({ accepts, produces }: Capability) => {
  if (accepts !== "image") return FIRST.length + 1;
  const place = FIRST.findIndex((kind) => produces.includes(kind));
  return place < 0 ? FIRST.length : place;
};

export async function reloadCatalog(): Promise<void> {
  isAsked = true;
  try {
    const { items } = await api.capabilities();
    capabilities.value = items.sort((a, b) => rank(a) - rank(b) || a.title.localeCompare(b.title));
    failure.value = null;
  } catch (error) {
    isAsked = false;
    if (error instanceof ApiError) failure.value = error;
  }
}

export function useCatalog(): { items: Capability[] | null; error: ApiError | null } {
  useEffect(() => {
    if (!isAsked) void reloadCatalog();
  }, []);
  return { items: capabilities.value, error: failure.value };
}

export function useCapability(name: string | undefined): Capability | null {
  return useCatalog().items?.find((item) => item.name === name) ?? null;
}
