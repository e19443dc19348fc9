// The JSON of each stage kind, as docs/stages.md describes it.

import type { Part, Status } from "../api/types";
import type { Value } from "../form/schema";
import type { Layer } from "../networks/layers";

export interface Box {
  xmin: number;
  ymin: number;
  xmax: number;
  ymax: number;
}

export type BoxStatus = "kept" | "suppressed" | "below";

export interface BoxItem {
  id: number;
  label: string;
  score: number;
  box: Box;
  objectness?: number | null;
  cell?: { level: number; row: number; column: number; slot: number } | null;
  status?: BoxStatus;
  suppressed_by?: number | null;
  iou?: number | null;
}

export interface BoxesData {
  width: number;
  height: number;
  boxes: BoxItem[];
  total?: number;
  cap?: number;
  defaults?: { score: number; iou: number; iou_across?: number; max_objects?: number };
  show?: "candidates" | "suppressed" | "kept";
  isPartial?: boolean; // made of a result, which has the kept boxes alone
}

export interface ImageData {
  file: string | null;
  width: number;
  height: number;
  alt: string;
}

export interface FeatureLevel {
  name: string;
  file: string;
  rows: number;
  columns: number;
  tile_width: number;
  tile_height: number;
  channels: number;
  minimum: number[];
  maximum: number[];
  names?: string[];
  first?: number; // the channel to look at first; absent: the one with the highest maximum
}

export interface FeatureMapsData {
  levels: FeatureLevel[];
}

export interface ComparedPicture extends ImageData {
  name: string;
}

export interface ComparisonData {
  width: number;
  height: number;
  pictures: ComparedPicture[];
  left: number;
  right: number;
}

export interface MaskClass {
  index: number;
  name: string;
  color: string; // #rrggbb
  share: number;
  shown: boolean;
}

export interface ClassesData {
  classes: { label: string; score: number }[]; // the most probable first
  total: number; // classes that the model knows
}

export interface MaskData {
  width: number;
  height: number;
  file: string;
  opacity: number;
  classes: MaskClass[];
}

/** xmin, ymin, xmax, ymax, objectness (null: the network has none), then a probability for each label. */
export type CellBox = [number, number, number, number, number | null, ...number[]];

export interface GridLevel {
  name: string;
  stride: number;
  rows: number;
  columns: number;
  left: number;
  top: number;
  cell_width: number;
  cell_height: number;
  objectness: number[][];
  boxes_per_cell: number;
  cells: CellBox[][][];
}

/** The cell of a box in the answer. */
export interface Winner {
  id: number;
  label: string;
  level: number;
  row: number;
  column: number;
}

export interface GridData {
  width: number;
  height: number;
  labels: string[];
  levels: GridLevel[];
  winners?: Winner[];
}

/** One side of a box: how likely each distance from the center is, in steps. */
export interface Side {
  name: string;
  step: number; // pixels of the picture
  mean: number; // in steps
  deviation: number;
  probabilities: number[];
}

export interface MeasuredBox {
  id: number;
  label: string;
  score: number;
  box: Box;
  stride: number;
  center: { x: number; y: number };
  sides: Side[]; // left, top, right, bottom
}

export interface DistributionsData {
  width: number;
  height: number;
  steps: number; // the greatest distance
  boxes: MeasuredBox[];
}

export interface CurveData {
  x_label: string;
  y_label: string;
  series: { name: string; x: number[]; y: (number | null)[] }[];
  /** Places on the x axis, drawn as vertical lines. */
  marks?: { x: number; label: string }[];
}

export interface TableData {
  columns: { name: string; unit?: string }[];
  rows: (string | number | boolean | null)[][];
  notes?: string[]; // what to know before the answer is believed
}

export interface ScatterStep {
  labels: number[];
  centers: [number, number][];
  values: number[];
}

export interface ScatterStepsData {
  x_label: string;
  y_label: string;
  total: number;
  groups: string[];
  rows: number[];
  points: [number, number][];
  measures: string[];
  steps: ScatterStep[];
  notes?: string[]; // what to know before the answer is believed
  placing?: Placing;
}

/** Initial centers set by the user: the params of a job that starts from them. */
export interface Placing {
  values: 1 | 2; // of a center: 1 is its place along x
  param: string;
  count: string;
  most: number;
  params: Record<string, string>;
}

export interface ScatterData {
  x_label: string;
  y_label: string;
  total: number;
  groups: string[];
  rows: number[];
  points: [number, number][];
  labels: number[];
  measures: string[];
  steps: {
    name: string;
    lines: { name: string; x: number[]; y: (number | null)[] }[];
    values: (number | null)[];
  }[];
}

export interface PlaneData {
  x_label: string;
  y_label: string;
  x: [number, number];
  y: [number, number];
  rows: number;
  columns: number;
  labels: string[]; // empty: the values are numbers
  unit: string;
  total: number;
  points: { rows: number[]; places: [number, number][]; values: number[] };
  measures: string[];
  steps: { name: string; field: (number | null)[]; certainty?: number[]; values: (number | null)[] }[];
}

export interface ConfusionMatrixData {
  labels: string[];
  counts: number[][];
  total: number;
  of: string;
}

export interface WeightsData {
  file: string | null;
  parameters: number;
  bytes: number;
  tensors?: { name: string; shape: number[] }[];
}

export interface SheetStep {
  step: number | null;
  name?: string;
  file: string;
  captions?: string[]; // one for each picture
}

export interface SamplesData {
  tile: { width: number; height: number };
  columns: number;
  count: number;
  row_names?: string[];
  column_names?: string[];
  steps: SheetStep[];
  initial?: number; // index of the step that is shown first
  captions_name?: string;
  series?: { name: string; x: number[]; y: (number | null)[] }[];
  x_label?: string;
  y_label?: string;
}

/** One value of z: its range, and its posterior where the model has one. */
export interface Dimension {
  name: string;
  low: number;
  high: number;
  mean?: number;
  deviation?: number;
  kl?: number; // nats
}

export interface LatentPlane {
  x: number; // dimensions of z
  y: number;
  points: [number, number][];
  labels: number[];
  groups: string[];
}

export interface LatentWalk {
  from: number[];
  to: number[];
  from_name: string;
  to_name: string;
  path?: "linear" | "spherical";
}

export interface LatentData {
  file: string;
  layers: Layer[];
  size: { width: number; height: number };
  channels: number;
  values: [black: number, white: number];
  z: number[];
  dimensions: Dimension[];
  plane?: LatentPlane;
  walk?: LatentWalk;
  classes?: string[];
  class?: number;
  target?: string;
}

export interface MeasuredShare {
  hits: number | null; // null: no share
  rows: number;
  value: number | null;
  low: number | null;
  high: number | null;
}

export interface GroupThresholds {
  value: number; // of the job
  steps: number;
  positive: number[][]; // by group: actual positives that score at least 0, 1/steps, … 1, and more than 1
  negative: number[][];
}

/** One of those behind a bar: a row of a table, or a picture with what was found in it. */
export interface GroupExample {
  row?: number;
  values?: Record<string, string | number | null>; // of the row, by column
  picture?: string;
  upload_id?: string;
  actual?: string | number | null;
  predicted?: string | number | null;
  score?: number | null;
  box?: [number, number, number, number]; // xmin, ymin, xmax, ymax in pixels
}

export interface GroupOutcome {
  name?: string;
  count: number;
  rows?: number[];
  examples?: GroupExample[];
}

export interface GroupsData {
  /** `scale` number: values in `unit`; otherwise shares from 0 to 1. */
  measures: { id: string; name: string; about: string; scale?: "share" | "number"; unit?: string }[];
  groups: {
    name: string;
    rows: number;
    values: Record<string, MeasuredShare>;
    outcomes: Record<string, GroupOutcome>;
  }[];
  overall?: Record<string, MeasuredShare>; // of all groups together
  outcome_names?: Record<string, string>;
  least: number;
  gaps: {
    measure: string;
    highest: string;
    lowest: string;
    difference: number;
    ratio: number | null;
    low: number;
    high: number;
    is_distinct: boolean;
  }[];
  thresholds?: GroupThresholds;
  notes?: string[];
}

/** One fit of a sweep: a setting with one seed. */
export interface SweepFit {
  cell: number;
  values: Record<string, Value>; // by param
  seed: number | null;
  job_id: string | null; // null: of a shipped example
  status: Status;
  value: number | null; // the figure that compares the fits, on `part` of the data
  validation: number | null;
  test: number | null;
  metrics: Record<string, number | null>;
  seconds: number | null;
  message?: string | null; // why it failed or was canceled
  message_parts?: Part[];
}

export interface SweepAxis {
  param: string;
  title: string;
  values: Value[];
}

export interface SweepData {
  capability: string;
  of: "train" | "predict";
  axes: SweepAxis[];
  seeds: number[]; // empty: the seed of the params
  figure: string | null;
  greater_is_better: boolean;
  part: string | null; // of the data that compares the fits; null: predictions have none
  cells: SweepFit[];
  samples?: { image: string; width: number; height: number } | null; // a picture of each fit, from top to bottom
}
