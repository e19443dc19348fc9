const CONTROLS = "main :is(a[href], button, input, select, textarea):not([tabindex='-1'])";

/**
 * By keyboard: what an action disabled has the focus again as soon as it is enabled, and where an action removed what
 * had the focus, the next control has it, or else the one before.
 */
export function keepFocus(): void {
  let controls: HTMLElement[] = []; // at the last key, in order
  let place = -1; // of the one that had the focus
  const note = () => {
    controls = [...document.querySelectorAll<HTMLElement>(CONTROLS)];
    place = controls.indexOf(document.activeElement as HTMLElement);
  };
  addEventListener("keydown", note, true);
  addEventListener("pointerdown", () => {
    place = -1; // a pointer leaves the focus where it likes
  });
  new MutationObserver(() => {
    if (place < 0 || document.activeElement !== document.body || !document.hasFocus()) return;
    const ordered = [...controls.slice(place), ...controls.slice(0, place).reverse()];
    ordered.find((one) => one.isConnected)?.focus();
  }).observe(document.body, { attributeFilter: ["disabled"], childList: true, subtree: true });
}
