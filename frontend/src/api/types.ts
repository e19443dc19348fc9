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
export type Capability = Schemas["CapabilityRead"];
export type Job = Schemas["JobRead"];
/** How unlike a picture is to those that the model learned from. */
export type Familiarity = Schemas["Familiarity"];
export type JobList = Schemas["JobList"];
/** Fields with a default are optional. */
export type JobCreate = Pick<Schemas["JobCreate"], "capability"> & Partial<Schemas["JobCreate"]>;
export type JobChanges = Schemas["JobUpdate"];
export type ModelChanges = Schemas["ModelUpdate"];
export type LogEntry = Schemas["LogEntryRead"];
export type LogVerification = Schemas["LogVerification"];
/** Of an uncertain answer: it waits for a person, or one has decided. */
export type JobReview = Schemas["JobReview"];
export type ReviewStatus = Schemas["ReviewStatus"];
export type Review = Schemas["ReviewRead"];
export type Artifact = Schemas["ArtifactRead"];
export type StageSummary = Schemas["StageRead"];
export type Inspection = Schemas["InspectionRead"];
export type Session = Schemas["SessionRead"];
export type Readiness = Schemas["Readiness"];
export type Problem = Schemas["Problem"];

export const isFinal = (status: Status): boolean => status !== "queued" && status !== "running";

/** A body whose fields with a default may be left out. */
type Written<Body, Default extends keyof Body> = Omit<Body, Default> & Partial<Pick<Body, Default>>;

export type DatasetKind = Schemas["DatasetKind"];
export type Split = "train" | "validation" | "test";
export type DatasetMask = Schemas["Mask"];
export type LabeledObject = Written<Schemas["LabeledObject"], "is_crowd">;
export type Annotation = Omit<Schemas["Annotation"], "objects"> & { objects?: LabeledObject[] };
export type DatasetClass = Schemas["ClassRead"];
export type Dataset = Schemas["DatasetRead"];
export type DatasetCreate = Pick<Schemas["DatasetCreate"], "name"> & Partial<Schemas["DatasetCreate"]>;
/** One picture; a table has neither size nor labels, and is not drawn. */
export type DatasetPicture = Omit<Schemas["DatasetPicture"], "width" | "height" | "annotation"> & {
  width: number;
  height: number;
  annotation: Annotation | null;
};
export type DatasetPictureCreate = Omit<Schemas["PictureAdd"], "annotation"> & {
  annotation?: Annotation | null;
};
export type DatasetProblem = Omit<Schemas["DatasetProblem"], "parts"> & { parts: Part[] };
export type DatasetReport = Omit<Schemas["DatasetReport"], "problems"> & { problems: DatasetProblem[] };
export type DatasetVersion = Omit<Schemas["VersionRead"], "report"> & { report: DatasetReport };
