import { useCapability } from "../../api/catalog";
import { api } from "../../api/client";
import type { Artifact, Capability, Job } from "../../api/types";
import { firstOf } from "../../form/inputs";
import { Thumbnail } from "../pictures/thumbnail";

const MAX_BYTES = 8_000_000; // of a file that is only looked at small

const isPicture = ({ media_type, bytes }: Artifact) => media_type.startsWith("image/") && bytes <= MAX_BYTES;

/** The file that shows a job's answer best in little room: its preview, else the first picture. */
export function answerPicture(job: Job): Artifact | null {
  const pictures = job.artifacts.filter(isPicture);
  return pictures.find(({ name }) => name.startsWith("preview")) ?? pictures[0] ?? null;
}

/** The first picture that the job was given. */
export function uploadedPicture(job: Job, capability: Capability | null): string | null {
  const input = capability && firstOf(capability, "image");
  return (input && job.inputs[input.name]) ?? null;
}

/** Whether a job can be shown as a small picture. */
export const hasPicture = (job: Job, capability: Capability | null): boolean =>
  uploadedPicture(job, capability) !== null || answerPicture(job) !== null;

/** A job as a small picture: its answer, a mask over its upload, or before there is an answer the upload. */
export function JobPicture({ job }: { job: Job }) {
  const answer = answerPicture(job);
  const id = uploadedPicture(job, useCapability(job.capability));
  const isMask = answer?.kind === "mask";
  const isUpload = id !== null && (isMask || !answer);
  if (!isUpload && (!answer || isMask)) return null;
  return (
    <span class="job-picture">
      {isUpload ? (
        <Thumbnail url={api.thumbnailUrl(id)} whole={api.uploadPictureUrl(id)} />
      ) : (
        <img src={answer?.url} alt="" loading="lazy" />
      )}
      {isMask && <img src={answer.url} alt="" loading="lazy" />}
    </span>
  );
}
