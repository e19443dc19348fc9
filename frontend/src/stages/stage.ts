import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Kind } from "../api/types";
import type { PictureSource } from "../components/pictures/picture";
import type { View } from "../components/workbench/view";
import type { Values } from "../form/schema";
import type { GridData } from "./shapes";

/** What every renderer is given. It fetches nothing: data and addresses of files come with it. */
export interface StageProps<Data = unknown> {
  data: Data;
  files: Record<string, string>;
  /** The upload, when it is a picture; what the network saw of it stands in `input`. */
  picture: PictureSource | null;
  input: PictureSource | null;
  view: View;
  /** The answer itself, a short showing of it, or one step on the way to it. */
  part: "answer" | "sample" | "step";
  /** What the stage is, where it stands alone as the answer. */
  about?: { title: string; explanation: string } | null;
  /** Cells to draw beneath boxes: null while they load, absent when the answer has none. */
  grid?: GridData | null;
  /** Makes a further job of the same input, with these params beside its own; absent where none can be made. */
  onAgain?: (params: Values) => void;
}

// biome-ignore lint/suspicious/noExplicitAny: each renderer knows the data of its own kind
type Renderer = ComponentType<StageProps<any>>;

const loaders: Record<Kind, () => Promise<Renderer>> = {
  image: () => import("./pictures/image").then((module) => module.Image),
  boxes: () => import("./boxes/boxes").then((module) => module.Boxes),
  grid: () => import("./boxes/grid").then((module) => module.Grid),
  "feature-maps": () => import("./pictures/feature-maps").then((module) => module.FeatureMaps),
  comparison: () => import("./pictures/comparison").then((module) => module.Comparison),
  mask: () => import("./pictures/mask").then((module) => module.Mask),
  curve: () => import("./charts/curve").then((module) => module.Curve),
  table: () => import("./tables/table").then((module) => module.Table),
  "scatter-steps": () => import("./charts/scatter-steps").then((module) => module.ScatterSteps),
  scatter: () => import("./charts/scatter").then((module) => module.Scatter),
  plane: () => import("./charts/plane").then((module) => module.Plane),
  "confusion-matrix": () => import("./charts/confusion-matrix").then((module) => module.ConfusionMatrix),
  weights: () => import("./tables/weights").then((module) => module.Weights),
};

const loaded: Partial<Record<Kind, Renderer>> = {};

/** The renderer of a kind, fetched the first time it is needed; null until then. */
export function useRenderer(kind: Kind | null): Renderer | null {
  const [, setArrived] = useState(0);
  useEffect(() => {
    if (!kind || loaded[kind] || !loaders[kind]) return;
    loaders[kind]().then((renderer) => {
      loaded[kind] = renderer;
      setArrived((count) => count + 1);
    });
  }, [kind]);
  return (kind && loaded[kind]) ?? null;
}

export const isKnown = (kind: string): kind is Kind => kind in loaders;
