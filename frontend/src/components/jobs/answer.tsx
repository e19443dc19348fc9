import { api } from "../../api/client";
import { type Resource, useResource } from "../../api/resource";
import type { Inspection, Job, Upload } from "../../api/types";
import { t } from "../../i18n";
import type { BoxesData, GridData, ImageData } from "../../stages/shapes";
import { isKnown, type StageProps, useRenderer } from "../../stages/stage";
import { useLoaded } from "../controls/loaded";
import type { PictureSource } from "../pictures/picture";
import { Placeholder } from "../pictures/placeholder";
import { Notice } from "../shell/notice";
import type { View } from "../workbench/view";

/** All that the views of one finished job draw from. */
export interface AnswerContext {
  upload: Resource<Upload>;
  inspection: Resource<Inspection>;
  picture: PictureSource | null;
  input: PictureSource | null;
}

export function useAnswerContext(job: Job | null): AnswerContext {
  const uploadId = job?.upload_id ?? null;
  const upload = useResource(uploadId, (signal) => api.upload(uploadId ?? "", signal));
  const isOpenable = job?.status === "succeeded" && job.inspect && job.task === "predict";
  const inspection = useResource(isOpenable ? job.id : null, (signal) =>
    api.inspection(job?.id ?? "", signal),
  );
  const first = inspection.data?.stages.find((stage) => stage.kind === "image");
  const input = useResource(first?.data_url ?? null, (signal) =>
    api.stageData(first?.data_url ?? "", signal),
  );
  const picture = pictureOf(upload.data);
  const seen = input.data as ImageData | null;
  const seenUrl = seen?.file ? first?.files[seen.file] : undefined;
  return {
    upload,
    inspection,
    picture,
    input:
      seen && seenUrl ? { url: seenUrl, width: seen.width, height: seen.height, alt: seen.alt } : picture,
  };
}

function pictureOf(upload: Upload | null): PictureSource | null {
  if (!upload?.width || !upload.height) return null;
  return {
    url: upload.url,
    width: upload.width,
    height: upload.height,
    alt: t("picture.alt", { name: upload.name }),
  };
}

/** Without stages, the files that the job made. */
function PlainAnswer(props: Parameters<typeof import("./plain-answer").PlainAnswer>[0]) {
  const Plain = useLoaded(() => import("./plain-answer"))?.PlainAnswer;
  return Plain ? <Plain {...props} /> : <Placeholder source={props.upload} isSlow={false} />;
}

interface AnswerProps {
  job: Job;
  context: AnswerContext;
  view: View;
  part: "answer" | "sample";
  onAgain?: StageProps["onAgain"];
}

/** The answer of a finished job: its last stage, or without an inspection what its result holds. */
export function Answer({ job, context, view, part, onAgain }: AnswerProps) {
  const { inspection, picture } = context;
  const stage = inspection.data?.stages.findLast((one) => isKnown(one.kind)) ?? null;
  const grid = inspection.data?.stages.find((one) => one.kind === "grid") ?? null;
  const data = useResource(stage?.data_url ?? null, (signal) => api.stageData(stage?.data_url ?? "", signal));
  const isGridOn = view.layers.value?.includes("grid") ?? false;
  const cells = useResource((isGridOn && grid?.data_url) || null, (signal) =>
    api.stageData(grid?.data_url ?? "", signal),
  );
  const plain = inspection.data || inspection.error || !job.inspect ? boxesOf(job) : null;
  const shown = stage ? data.data : plain;
  const kind = stage?.kind ?? (plain ? "boxes" : null);
  const Renderer = useRenderer(kind);
  const error = data.error ?? context.upload.error;
  if (error) return <Notice error={error} onRetry={data.reload} />;
  const isUnopened = !stage && !plain && (inspection.data ?? inspection.error ?? !job.inspect);
  if (isUnopened) return <PlainAnswer job={job} upload={picture} />;
  if (!Renderer || !shown || (job.upload_id && !context.upload.data))
    return <Placeholder source={picture} isSlow={data.isSlow || inspection.isSlow} />;
  const props: StageProps = {
    data: shown,
    files: stage?.files ?? {},
    picture,
    input: context.input,
    view,
    part,
    about: stage,
    grid: grid ? (cells.data as GridData | null) : undefined,
    onAgain,
  };
  return <Renderer {...props} />;
}

/** Boxes of a job that kept no inspection. */
function boxesOf(job: Job): BoxesData | null {
  const result = job.result as {
    objects?: BoxesData["boxes"];
    image?: { width: number; height: number };
  } | null;
  if (!result?.objects || !result.image) return null;
  return {
    ...result.image,
    boxes: result.objects.map((object, index) => ({ ...object, id: object.id ?? index })),
  };
}
