import { useEffect, useMemo } from "preact/hooks";
import { BoxOpening } from "../../api/box-opening";
import type { Job } from "../../api/types";
import type { Box } from "./box";

/** The box of a finished prediction or audit. Stages kept with the answer are loaded at once, others when they are needed. */
export function useBox(job: Job | null, isWanted: boolean): { box: Box; opening: BoxOpening } {
  const id = job?.id ?? "";
  const opening = useMemo(() => new BoxOpening(id), [id]);
  const isOpenable = job?.status === "succeeded" && ["predict", "audit"].includes(job.task);
  useEffect(() => () => opening.stop(), [opening]);
  useEffect(() => {
    if (isOpenable && (job.inspect || isWanted)) void opening.open();
  }, [opening, isOpenable, isWanted]);
  const box = {
    inspection: opening.inspection.value,
    isOpening: opening.isOpening.value,
    error: opening.error.value,
    failure: opening.failure.value,
    open: isOpenable ? () => void opening.open() : null,
  };
  return { box, opening };
}
