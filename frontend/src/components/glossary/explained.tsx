import type { ComponentChildren } from "preact";
import { useLoaded } from "../controls/loaded";

/** A text whose technical terms are explained on hover and focus; plain until the glossary is loaded. */
export function Explained({ text }: { text: string }): ComponentChildren {
  const Terms = useLoaded(() => import("./term"))?.Terms;
  return Terms ? <Terms text={text} /> : text;
}
