import { newAuditAddress } from "../api/audits";
import type { Capability } from "../api/types";
import { inputsQuery } from "../form/inputs";
import type { Values } from "../form/schema";

/** The topics of the course, in its order. */
export const TOPICS = [
  "supervised",
  "unsupervised",
  "detection",
  "segmentation",
  "autoencoders",
  "gans",
  "applications",
  "bias",
  "safety",
] as const;

/** The page that a lesson opens, in the state that it needs. */
type Preset =
  | { path: string; of?: string } // a page of its own; `of`: the capability that it belongs to
  | { of: string; sample: string; view?: Record<string, string> } // the shipped answer, with this view
  | { of: string; sample: string; params: Values } // the workbench before the run
  | { of: string; audits: string; params: Values }; // the form of an audit on the sample

export interface Lesson {
  name: string;
  topic: (typeof TOPICS)[number];
  preset: Preset;
}

/** The lessons; their texts are the messages `lesson.<name>.*`. */
export const LESSONS: readonly Lesson[] = [
  {
    name: "errors",
    topic: "supervised",
    preset: { of: "tabular", sample: "breast-cancer", view: { stage: "confusion" } },
  },
  {
    name: "overfitting",
    topic: "supervised",
    preset: { of: "tabular", sample: "diabetes", params: { method: "neural network" } },
  },
  {
    name: "clusters",
    topic: "unsupervised",
    preset: { of: "clustering", sample: "iris", view: { stage: "elbow" } },
  },
  {
    name: "boxes",
    topic: "detection",
    preset: { of: "detection", sample: "dogs", view: { stage: "suppression" } },
  },
  {
    name: "skips",
    topic: "segmentation",
    preset: { of: "segmentation", sample: "valley", view: { stage: "skips" } },
  },
  {
    name: "code",
    topic: "autoencoders",
    preset: { of: "autoencoding", sample: "boot", view: { stage: "kl" } },
  },
  { name: "collapse", topic: "gans", preset: { path: "/gan?shape=gaussians&rateD=0.003&rateG=0.03" } },
  {
    name: "adversary",
    topic: "applications",
    preset: { of: "synthesis", sample: "shirt", view: { stage: "adversary" } },
  },
  {
    name: "berkeley",
    topic: "bias",
    preset: {
      of: "audit",
      sample: "admissions",
      params: { decision: "admitted", group: "gender", second_group: "department" },
    },
  },
  { name: "thresholds", topic: "bias", preset: { of: "audit", sample: "loans" } },
  {
    name: "audit",
    topic: "bias",
    preset: { of: "tabular", audits: "breast-cancer", params: { group: "mean area" } },
  },
  {
    name: "faces",
    topic: "bias",
    preset: { of: "depixelization", sample: "dark-skin", view: { stage: "shares" } },
  },
  {
    name: "seeds",
    topic: "safety",
    preset: { of: "tabular", path: "/sweeps/example/tabular/rate-and-width" },
  },
  {
    name: "robustness",
    topic: "safety",
    preset: { of: "tabular", audits: "breast-cancer", params: { robustness: true } },
  },
  { name: "doubt", topic: "safety", preset: { of: "classification", sample: "hammer", params: {} } },
  { name: "log", topic: "safety", preset: { path: "/log" } },
];

/** The address of a preset; null: the server does not have what it needs, or it is not loaded yet. */
export function presetAddress(preset: Preset, capabilities: readonly Capability[] | null): string | null {
  const capability = capabilities?.find(({ name }) => name === preset.of);
  if ("path" in preset) return preset.of && !capability ? null : preset.path;
  const sampleName = "audits" in preset ? preset.audits : preset.sample;
  const sample = capability?.samples.find(({ name }) => name === sampleName);
  if (!capability || !sample) return null;
  if ("audits" in preset) {
    const { upload_id: upload } = sample;
    const params = JSON.stringify(preset.params);
    return upload && newAuditAddress({ of: "model", capability: capability.name, upload, params });
  }
  if ("params" in preset) {
    const query = { ...inputsQuery(capability, sample.inputs), params: JSON.stringify(preset.params) };
    return `/t/${capability.name}?${new URLSearchParams(query)}`;
  }
  const query = preset.view ? `?${new URLSearchParams(preset.view)}` : "";
  return sample.job_id ? `/r/${sample.job_id}${query}` : null;
}
