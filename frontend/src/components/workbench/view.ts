import { batch, effect, type Signal, signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import type { Values } from "../../form/schema";

/** A setting and how an address writes it; null: not set, and left out of the address. */
interface Field {
  readonly setting: Signal<unknown>;
  read: (text: string | null) => unknown;
  write: (value: never) => string;
}

/**
 * The user's settings of one answer. It lives in the address, so that a link shows the same view;
 * null means the default of the data and stays out of it. Renderers add the settings of their own kind.
 */
export class View {
  private readonly fields = new Map<string, Field>();
  private readonly count = signal(0); // of the fields: who writes them hears of further ones
  private query = new URLSearchParams();

  readonly stage = this.field("stage", (text) => text, String);
  readonly spot = this.numbers("at"); // inside a stage: level, row, column or level, channel
  readonly chosen = this.number("pick");
  readonly hovered = signal<number | null>(null); // under the pointer or focused: not part of a link
  /** Params that are tried out on the answer, as a job would have them. */
  readonly tried = signal<Values>({});

  number(name: string): Setting<number> {
    return this.field(name, finite, shortened);
  }

  numbers(name: string): Setting<number[]> {
    return this.field(name, numbersOf, (list) => list.join("."));
  }

  list(name: string): Setting<string[]> {
    return this.field(name, listOf, (list) => list.join(","));
  }

  read(query: URLSearchParams): void {
    this.query = query;
    batch(() => {
      for (const [name, { setting, read }] of this.fields) setting.value = read(query.get(name));
    });
  }

  write(query: URLSearchParams): URLSearchParams {
    if (this.count.value === 0) return query;
    for (const [name, { setting, write }] of this.fields) {
      if (setting.value === null) query.delete(name);
      else query.set(name, write(setting.value as never));
    }
    return query;
  }

  goTo(stage: string | null): void {
    if (stage === this.stage.value) return;
    batch(() => {
      this.spot.value = null;
      this.chosen.value = null;
      this.hovered.value = null;
      this.stage.value = stage;
    });
  }

  private field<T>(name: string, read: (text: string | null) => T | null, write: (value: T) => string) {
    const known = this.fields.get(name)?.setting as Setting<T> | undefined;
    if (known) return known;
    const setting = signal(read(this.query.get(name)));
    this.fields.set(name, { setting, read, write });
    this.count.value = this.fields.size;
    return setting;
  }
}

export type Setting<T> = Signal<T | null>;

const finite = (text: string | null): number | null =>
  text !== null && Number.isFinite(Number(text)) ? Number(text) : null;
/** "0.2.50" as a list; an address typed by hand may hold anything. */
const numbersOf = (text: string | null): number[] | null =>
  text === null ? null : text.split(".").filter(Boolean).map(Number);
const listOf = (text: string | null): string[] | null => text?.split(",").filter(Boolean) ?? null;
const shortened = (value: number): string => String(Number(value.toFixed(3)));

/** `,` and `.` need no escaping in a query, and a readable link is worth keeping. */
export function addressOf(view: View): string {
  const query = view.write(new URLSearchParams(location.search)).toString().replaceAll("%2C", ",");
  return `${location.pathname}${query ? `?${query}` : ""}`;
}

const WRITE_MS = 150; // browsers refuse hundreds of address changes in a few seconds

const stageIn = (address: string): string | null =>
  new URL(address, location.origin).searchParams.get("stage");

/**
 * A view that follows the address and is written back to it. `key` changes with the answer shown. Another stage is a
 * step in the browser's history, which Back takes back; a moved slider is none.
 */
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
      if (location.pathname !== path) return;
      if (stageIn(address) !== stageIn(location.href)) {
        history.pushState(null, "", address);
        return;
      }
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
