import type { Capability } from "../../api/types";
import { Notice } from "../shell/notice";
import { useBench } from "./bench";
import { InputPicker } from "./input-picker";

/** A sample or the user's own file, answered with the default settings. */
export function OwnInput({ capability }: { capability: Capability }) {
  const bench = useBench(capability, null);
  return (
    <>
      <InputPicker bench={bench} />
      {bench.error && <Notice error={bench.error} />}
    </>
  );
}
