import { useEffect, useRef, useState } from "preact/hooks";
import { useCapability } from "../../api/catalog";
import { ApiError, api } from "../../api/client";
import { part as loadedPart } from "../../api/parts";
import { type Resource, useResource } from "../../api/resource";
import type { Job, StageSummary, Upload } from "../../api/types";
import { inOrder, inputsOf } from "../../form/inputs";
import { inReadersLanguage, language, t } from "../../i18n";
import type { PlainAnswer } from "../../stages/plain-answers";
import type { StageProps } from "../../stages/props";
import type { ImageData } from "../../stages/shapes";
import { isKnown, useRenderer } from "../../stages/stage";
import { Placeholder } from "../pictures/placeholder";
import type { PictureSource } from "../pictures/source";
import { Notice } from "../shell/notice";
import type { View } from "../workbench/view";
import type { Box } from "./box";

/** The data behind all views of one finished job. */
export interface AnswerContext {
  uploads: Resource<Record<string, Upload>>; // by the inputs' names
  box: Box;
  picture: PictureSource | null; // the first upload that is one
  input: PictureSource | null; // what the model received of it
}

export function useAnswerContext(job: Job | null, box: Box): AnswerContext {
  const uploads = useUploads(job);
  const stage = box.inspection?.stages.find(({ role, kind }) => role === "input" && kind === "image");
  const seen = useResource(stage?.data_url ?? null, (signal) => api.stageData(stage?.data_url ?? "", signal));
  const capability = useCapability(job?.capability);
  const picture = pictureOf(inOrder(capability, uploads.data ?? {}).find(({ width }) => width));
  const { file, width = 0, height = 0, alt = "" } = (seen.data ?? {}) as Partial<ImageData>;
  const url = file ? stage?.files[file] : undefined;
  return { uploads, box, picture, input: url ? { url, width, height, alt } : picture };
}

function useUploads(job: Job | null): Resource<Record<string, Upload>> {
  const inputs = Object.entries(job ? inputsOf(job) : {});
  return useResource(inputs.join(" ") || null, async (signal) => {
    const uploads = await Promise.all(inputs.map(([, id]) => api.upload(id, signal)));
    return Object.fromEntries(inputs.map(([name], index) => [name, uploads[index]]));
  });
}

function pictureOf(upload: Upload | undefined): PictureSource | null {
  if (!upload?.width || !upload.height) return null;
  const { width, height, name } = upload;
  // as the model took it: upright, the first frame, in a format that browsers draw
  return { url: upload.picture_url ?? upload.url, width, height, alt: t("picture.alt", { name }) };
}

interface AnswerProps {
  job: Job;
  context: AnswerContext;
  view: View;
  part: "answer" | "sample";
  onAgain?: StageProps["onAgain"];
}

/** The answer of a finished job: from its result and files, and from the stage that shows it once that is there. */
export function Answer({ job, context, view, part, onAgain }: AnswerProps) {
  const { box, picture, uploads } = context;
  const stages = box.inspection?.stages ?? [];
  const stage = stages.find(({ role, kind }) => role === "answer" && isKnown(kind)) ?? null;
  const data = useResource(stage?.data_url ?? null, (signal) => api.stageData(stage?.data_url ?? "", signal));
  const other = useOtherStages(stages);
  // stages that are kept are on their way: the same answer is not drawn twice
  const isAwaited = job.inspect && box.open && !box.inspection && !box.error && !box.failure;
  const isReady = uploads.data !== null || Object.keys(inputsOf(job)).length === 0;
  const plain = usePlain(isReady && !isAwaited && !(stage && job.inspect) ? job : null, picture);
  const StageRenderer = useRenderer(stage?.kind ?? null);
  const PlainRenderer = useRenderer(plain?.answer?.kind ?? null);
  const error = data.error ?? uploads.error;
  if (error) return <Notice error={error} onRetry={data.reload} />;
  const isOpened = stage && StageRenderer && data.data && isReady;
  if (plain && !plain.answer && !isOpened) return <plain.PlainValues job={job} />;
  const Renderer = isOpened ? StageRenderer : PlainRenderer;
  if (!Renderer) return <Placeholder source={picture} />;
  const props: StageProps = {
    data: isOpened ? inReadersLanguage(data.data) : plain?.answer?.data,
    files: (isOpened ? stage.files : plain?.answer?.files) ?? {},
    picture,
    input: context.input,
    view,
    part,
    about: isOpened ? stage : null,
    other: isOpened ? other : undefined,
    unopened: isOpened || !box.open ? undefined : { isOpening: box.isOpening, open: box.open },
    onAgain,
  };
  return <Renderer {...props} />;
}

/** Data of the other stages, each loaded the first time that the answer's renderer needs it. */
function useOtherStages(stages: StageSummary[]): NonNullable<StageProps["other"]> {
  const [loaded, setLoaded] = useState<Record<string, unknown>>({});
  const requested = useRef(new Set<string>());
  const load = async (url: string) => {
    requested.current.add(url);
    try {
      const data = await api.stageData(url);
      setLoaded((all) => ({ ...all, [url]: data }));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error; // the answer stands without it
    }
  };
  return (kind, isNeeded) => {
    const url = stages.find((one) => one.kind === kind)?.data_url;
    if (!url) return undefined;
    if (isNeeded && !requested.current.has(url)) void load(url);
    return loaded[url] ?? null;
  };
}

interface Plain {
  key: string;
  answer: PlainAnswer | null; // null: nothing to draw
  PlainValues: typeof import("./plain-answer").PlainValues;
}

/** The answer without its stages; null while it is made, or when there is no job to make it of. */
function usePlain(job: Job | null, picture: PictureSource | null): Plain | null {
  const [plain, setPlain] = useState<Plain | null>(null);
  const key = job && `${job.id} ${picture?.url} ${language.value}`;
  useEffect(() => {
    if (!job || !key) return;
    let isNeeded = true;
    const make = async () => {
      const { makePlain, PlainValues } = await loadedPart(() => import("./plain-answer"));
      const answer = await makePlain(job, picture);
      if (isNeeded) setPlain({ key, answer, PlainValues });
    };
    void make();
    return () => {
      isNeeded = false;
    };
  }, [key]);
  return plain?.key === key ? plain : null;
}
