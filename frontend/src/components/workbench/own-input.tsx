import type { Capability } from "../../api/types";
import { Notice } from "../shell/notice";
import { InputPicker, useBench } from "./workbench";

/** A sample or a file of one's own, answered with the default settings. */
export function OwnInput({ capability }: { capability: Capability }) {
  const bench = useBench(capability, null);
  return (
    <>
      <InputPicker bench={bench} uploadId={null} />
      {bench.error && <Notice error={bench.error} />}
    </>
  );
}
