import type { components } from "./schema";

type Schemas = components["schemas"];

export type Kind = Schemas["Kind"];
export type Status = Schemas["Status"];
export type MediaKind = Schemas["MediaKind"];
/** One sentence of a text of the server: its id, and the values of its blanks. */
export type Part = Schemas["MessagePart"];
export type Upload = Schemas["UploadRead"];
export type TableReport = Schemas["TableRead"];
export type TableColumn = Schemas["ColumnRead"];
export type Model = Schemas["ModelRead"];
export type ModelColumn = Schemas["ModelColumn"];
export type ModelColumns = Schemas["ModelColumns"];
export type Input = Schemas["InputRead"];
export type Sketch = Schemas["SketchRead"];
export type Sample = Schemas["SampleRead"];
export type Capability = Schemas["CapabilityRead"] & { trains_on_datasets?: DatasetKind[] };
export type Job = Schemas["JobRead"];
/** How unlike a picture is to those that the model learned from. */
export type Familiarity = Schemas["Familiarity"];
export type JobList = Schemas["JobList"];
/** Fields with a default are optional. */
export type JobCreate = Pick<Schemas["JobCreate"], "capability"> & Partial<Schemas["JobCreate"]>;
export type Artifact = Schemas["ArtifactRead"];
export type StageSummary = Schemas["StageRead"];
export type Inspection = Schemas["InspectionRead"];
export type Session = Schemas["SessionRead"];
export type Readiness = Schemas["Readiness"];
export type Problem = Schemas["Problem"];

export const isFinal = (status: Status): boolean => status !== "queued" && status !== "running";

// datasets: shapes of the server
export type DatasetKind = "classes" | "boxes" | "masks" | "pictures" | "table";
export type Split = "train" | "validation" | "test";
/** The pixels of an object as run lengths in column-major order, zeros first, as in COCO. */
export interface DatasetMask {
  size: [number, number]; // height, width
  counts: string | number[];
}
export interface LabeledObject {
  label: string;
  box: [number, number, number, number]; // xmin, ymin, xmax, ymax in pixels
  polygons?: number[][] | null;
  mask?: DatasetMask | null;
  is_crowd?: boolean;
}
export interface Annotation {
  label?: string | null;
  objects?: LabeledObject[];
}
export interface DatasetClass {
  name: string;
  pictures: number;
  objects: number;
}
export interface Dataset {
  id: string;
  name: string;
  description: string;
  kind: DatasetKind;
  classes: DatasetClass[];
  pictures: number;
  labeled: number;
  newest_version: number | null;
  is_changed: boolean;
  job_id: string | null;
  preview: string[];
  created_at: string;
  updated_at: string;
}
export interface DatasetCreate {
  name: string;
  description?: string;
  kind?: DatasetKind;
  classes?: string[];
  upload_id?: string;
}
export interface DatasetPicture {
  id: string;
  name: string;
  upload_id: string;
  url: string;
  picture_url: string | null;
  width: number;
  height: number;
  split: Split | null;
  group: string | null;
  annotation: Annotation | null;
  revision: number;
  position: number;
  updated_at: string;
}
export interface DatasetPictureCreate {
  upload_id: string;
  name?: string;
  annotation?: Annotation | null;
  split?: Split | null;
  group?: string | null;
}
export interface DatasetProblem {
  code: string;
  severity: "error" | "warning" | "note";
  message: string;
  parts: Part[];
  files: string[];
  count: number;
}
export interface DatasetReport {
  counts: { pictures: number; labeled: number; objects: number };
  classes: (DatasetClass & Record<Split, number>)[];
  sizes: Record<"min" | "median" | "max", [number, number]> | null;
  splits: Record<Split, number>;
  problems: DatasetProblem[];
}
export interface DatasetVersion {
  version: number;
  sha256: string;
  bytes: number;
  report: DatasetReport;
  created_at: string;
}
