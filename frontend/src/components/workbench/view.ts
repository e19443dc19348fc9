import { effect, signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";

/**
 * What the reader has set on one answer. It lives in the address, so that a link shows the same view;
 * null and empty mean "as the data says" and stay out of it.
 */
export class View {
  readonly score = signal<number | null>(null);
  readonly iou = signal<number | null>(null);
  readonly layers = signal<string[] | null>(null);
  readonly hiddenLabels = signal<string[]>([]);
  readonly hiddenIds = signal<number[]>([]);
  readonly chosen = signal<number | null>(null);
  readonly stage = signal<string | null>(null);
  readonly spot = signal<number[] | null>(null); // inside a stage: level, row, column or level, channel
  readonly compare = signal<number[] | null>(null); // left, right, split, side by side
  readonly classes = signal<number[] | null>(null); // of a mask: those that are drawn
  readonly opacity = signal<number | null>(null); // of a mask, in percent
  readonly hovered = signal<number | null>(null); // under the pointer or focused: not part of a link

  read(query: URLSearchParams): void {
    const number = (name: string) => (query.has(name) ? finite(query.get(name)) : null);
    const list = (name: string) => query.get(name)?.split(",").filter(Boolean) ?? [];
    this.score.value = number("conf");
    this.iou.value = number("iou");
    this.layers.value = query.has("layers") ? list("layers") : null;
    this.hiddenLabels.value = list("hide");
    this.hiddenIds.value = list("off").map(Number).filter(Number.isInteger);
    this.chosen.value = number("pick");
    this.stage.value = query.get("stage");
    this.spot.value = numbers(query.get("at"));
    this.compare.value = numbers(query.get("compare"));
    this.classes.value = numbers(query.get("classes"));
    this.opacity.value = number("opacity");
  }

  write(query: URLSearchParams): URLSearchParams {
    const values: Record<string, string | null> = {
      stage: this.stage.value,
      at: this.spot.value?.join(".") ?? null,
      conf: shortened(this.score.value),
      iou: shortened(this.iou.value),
      layers: this.layers.value?.join(",") ?? null,
      hide: this.hiddenLabels.value.join(",") || null,
      off: this.hiddenIds.value.join(",") || null,
      compare: this.compare.value?.join(".") ?? null,
      classes: this.classes.value?.join(".") ?? null,
      opacity: shortened(this.opacity.value),
      pick: this.chosen.value?.toString() ?? null,
    };
    for (const [name, value] of Object.entries(values)) {
      if (value === null) query.delete(name);
      else query.set(name, value);
    }
    return query;
  }

  goTo(stage: string | null): void {
    if (stage === this.stage.value) return;
    this.spot.value = null;
    this.chosen.value = null;
    this.hovered.value = null;
    this.stage.value = stage;
  }
}

const finite = (text: string | null): number | null => (Number.isFinite(Number(text)) ? Number(text) : null);
/** "0.2.50" as a list; an address typed by hand may hold anything. */
const numbers = (text: string | null): number[] | null =>
  text === null ? null : text.split(".").filter(Boolean).map(Number);
const shortened = (value: number | null): string | null =>
  value === null ? null : String(Number(value.toFixed(3)));

/** `,` and `.` need no escaping in a query, and a readable link is worth keeping. */
export function addressOf(view: View): string {
  const query = view.write(new URLSearchParams(location.search)).toString().replaceAll("%2C", ",");
  return `${location.pathname}${query ? `?${query}` : ""}`;
}

const WRITE_MS = 150; // browsers refuse hundreds of address changes in a few seconds

/** A view that follows the address and is written back to it. `key` changes with the answer shown. */
export function useView(key: string): View {
  const view = useMemo(() => {
    const made = new View();
    made.read(new URLSearchParams(location.search));
    return made;
  }, [key]);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const path = location.pathname;
    const stop = effect(() => {
      const address = addressOf(view);
      clearTimeout(timer);
      timer = setTimeout(() => {
        if (location.pathname === path && address !== location.pathname + location.search)
          history.replaceState(history.state, "", address);
      }, WRITE_MS);
    });
    const follow = () => view.read(new URLSearchParams(location.search));
    addEventListener("popstate", follow);
    return () => {
      clearTimeout(timer);
      stop();
      removeEventListener("popstate", follow);
    };
  }, [view]);
  return view;
}
