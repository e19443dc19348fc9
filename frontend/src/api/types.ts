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
export type Artifact = Schemas["ArtifactRead"];
export type StageSummary = Schemas["StageRead"];
export type Inspection = Schemas["InspectionRead"];
export type Session = Schemas["SessionRead"];
export type Readiness = Schemas["Readiness"];
export type Problem = Schemas["Problem"];

export const isFinal = (status: Status): boolean => status !== "queued" && status !== "running";
