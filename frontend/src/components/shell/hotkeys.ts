import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

/** Single keys can be switched off, for people whose input device types them by accident (WCAG 2.1.4). */
export const areHotkeysOn = signal(read());

function read(): boolean {
  try {
    return localStorage.getItem("hotkeys") !== "off";
  } catch {
    return true;
  }
}

export function switchHotkeys(isOn: boolean): void {
  areHotkeysOn.value = isOn;
  try {
    localStorage.setItem("hotkeys", isOn ? "on" : "off");
  } catch {
    // storage is blocked: the choice lasts until the page is left
  }
}

const TYPED_INTO = "input, select, textarea, dialog[open] *, [contenteditable]";
const SWITCHED = "input[type=checkbox], input[type=radio], input[type=range], input[type=file]";

const PRESSED = "button, a[href], summary, select, input:not([type=range])";

/** Whether the focused element uses the key itself: a slider the arrows, a button Space, a text field all of them. */
export function isWanted(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof Element)) return false;
  if (key === " " && target.matches(PRESSED)) return true;
  if (!target.matches(TYPED_INTO)) return false;
  return !target.matches(SWITCHED) || key.startsWith("Arrow");
}

/** If a page has several of a kind, keys apply to the one under the pointer or in focus, otherwise to the first. */
export function isMeant(own: Element | null, kind: string): boolean {
  const meant = document.querySelector(`${kind}:hover, ${kind}:focus-within`) ?? document.querySelector(kind);
  return meant?.contains(own) ?? false;
}

type Act = (event: KeyboardEvent) => unknown;

/**
 * Calls `keys[event.key]` unless the reader is typing, holds a modifier or switched single keys off. An act that
 * returns false leaves the key to others.
 */
export function useHotkeys(keys: Record<string, Act>): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (!areHotkeysOn.value || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey)
        return;
      const act = latest.current[event.key];
      if (!act || isWanted(event.target, event.key)) return;
      if (act(event) !== false) event.preventDefault();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, []);
}
