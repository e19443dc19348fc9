import type { Kind, StageSummary } from "../api/types";
import type { PictureSource } from "../components/pictures/source";
import type { View } from "../components/workbench/view";
import type { Values } from "../form/schema";

/** Stages that are not computed yet. */
export interface Unopened {
  isOpening: boolean;
  open: () => void;
}

/** The props of every renderer. A renderer loads nothing itself: it receives data and file addresses. */
export interface StageProps<Data = unknown> {
  data: Data;
  files: Record<string, string>;
  /** The upload, when it is a picture; what the network received of it is in `input`. */
  picture: PictureSource | null;
  input: PictureSource | null;
  view: View;
  /** The answer itself, a short form of it, or one stage. */
  part: "answer" | "sample" | "step";
  /** The stage, for its title and explanation where it stands alone as the answer. */
  about?: StageSummary | null;
  /** Data of another stage, loaded once it is needed: null until then, undefined where there is none. */
  other?: (kind: Kind, isNeeded: boolean) => unknown;
  /** Set where `data` is from the result alone; a control that needs the stages opens them. */
  unopened?: Unopened;
  /** Creates another job with the same input and changed params; undefined if that is impossible. */
  onAgain?: (params: Values) => void;
}
