import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { part } from "../api/parts";
import type { Kind } from "../api/types";
import type { StageProps } from "./props";

// biome-ignore lint/suspicious/noExplicitAny: each renderer knows the data of its own kind
type Renderer = ComponentType<StageProps<any>>;

type BoxKind = Exclude<Kind, "sweep">; // a sweep has a page of its own, and no box

const loaders: Record<BoxKind, () => Promise<Renderer>> = {
  image: () => import("./pictures/image").then((module) => module.Image),
  boxes: () => import("./boxes/boxes").then((module) => module.Boxes),
  distributions: () => import("./boxes/distributions").then((module) => module.Distributions),
  grid: () => import("./boxes/grid").then((module) => module.Grid),
  "feature-maps": () => import("./pictures/feature-maps").then((module) => module.FeatureMaps),
  classes: () => import("./pictures/classes").then((module) => module.Classes),
  comparison: () => import("./pictures/comparison").then((module) => module.Comparison),
  mask: () => import("./pictures/mask").then((module) => module.Mask),
  curve: () => import("./charts/curve").then((module) => module.Curve),
  table: () => import("./tables/table").then((module) => module.Table),
  "scatter-steps": () => import("./charts/scatter-steps").then((module) => module.ScatterSteps),
  scatter: () => import("./charts/scatter").then((module) => module.Scatter),
  plane: () => import("./charts/plane").then((module) => module.Plane),
  "confusion-matrix": () => import("./charts/confusion-matrix").then((module) => module.ConfusionMatrix),
  weights: () => import("./tables/weights").then((module) => module.Weights),
  samples: () => import("./generative/samples").then((module) => module.Samples),
  groups: () => import("./groups/groups").then((module) => module.Groups),
  latent: () => import("./generative/latent").then((module) => module.Latent),
};

const loaded: Partial<Record<BoxKind, Renderer>> = {};

/** The renderer of a kind, loaded when it is first needed; null until then. */
export function useRenderer(stageKind: Kind | null): Renderer | null {
  const kind = stageKind && isKnown(stageKind) ? stageKind : null;
  const [, setArrived] = useState(0);
  useEffect(() => {
    if (!kind || loaded[kind]) return;
    part(loaders[kind]).then((renderer) => {
      loaded[kind] = renderer;
      setArrived((count) => count + 1);
    });
  }, [kind]);
  return (kind && loaded[kind]) ?? null;
}

export const isKnown = (kind: string): kind is BoxKind => kind in loaders;
