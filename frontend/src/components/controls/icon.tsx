import type { IconNode } from "lucide";
import { h } from "preact";

/** Decoration beside text; a button with only an icon has an aria-label. */
export function Icon({ of, size = 18 }: { of: IconNode; size?: number }) {
  return (
    <svg
      class="icon"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="2"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {of.map(([tag, attributes], index) => h(tag, { ...attributes, key: index }))}
    </svg>
  );
}

/** The color of a class beside its name. */
export function Swatch({ color }: { color?: string }) {
  return <i class="swatch" aria-hidden="true" style={{ backgroundColor: color }} />;
}
