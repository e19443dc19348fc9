import { useEffect, useState } from "preact/hooks";
import type { Dataset } from "../../api/types";
import type { Tool } from "../../labeling/gestures";
import { TOOLS } from "../../labeling/gestures";

/** What stays from one picture to the next. */
export interface Session {
  classes: string[];
  /** The class of the next object. */
  active: string | null;
  tool: Tool;
  radius: number; // of the brush, in pixels of the screen
  goesOn: boolean; // to the next picture when a class is chosen
  model: string | null; // name@version; null: the default one
  suggestsAlways: boolean;
  /** Classes that the user gave a model's labels. */
  assigned: Record<string, string>;
  change: (changes: Partial<Omit<Session, "classes" | "change">>) => void;
  addClass: (name: string) => void;
}

/** What the tools for objects need of it. */
export type ToolSession = Pick<Session, "classes" | "active" | "tool" | "radius" | "change">;

type Kept = Pick<Session, "goesOn" | "model" | "suggestsAlways" | "assigned">;

const INITIAL: Kept = { goesOn: false, model: null, suggestsAlways: false, assigned: {} };
const keyOf = (id: string) => `labeling:${id}`;

function kept(id: string): Kept {
  try {
    return { ...INITIAL, ...JSON.parse(localStorage.getItem(keyOf(id)) ?? "{}") };
  } catch {
    return INITIAL;
  }
}

export function useSession(dataset: Dataset): Session {
  const [added, setAdded] = useState<string[]>([]);
  const [passing, setPassing] = useState({
    active: (dataset.classes[0]?.name ?? null) as string | null,
    tool: TOOLS[dataset.kind]?.[0] ?? ("select" as Tool),
    radius: 12,
  });
  const [lasting, setLasting] = useState<Kept>(() => kept(dataset.id));
  const classes = [...new Set([...dataset.classes.map(({ name }) => name), ...added])];
  useEffect(() => {
    try {
      localStorage.setItem(keyOf(dataset.id), JSON.stringify(lasting));
    } catch {
      // storage is blocked: it lasts until the page is left
    }
  }, [lasting]);
  return {
    ...passing,
    ...lasting,
    classes,
    change: (changes) => {
      const { active, tool, radius, ...rest } = changes;
      setPassing((now) => ({
        active: active === undefined ? now.active : active,
        tool: tool ?? now.tool,
        radius: radius ?? now.radius,
      }));
      if (Object.keys(rest).length > 0) setLasting((now) => ({ ...now, ...rest }));
    },
    addClass: (name) => setAdded((now) => (now.includes(name) ? now : [...now, name])),
  };
}
