import type { Artifact, Job, Kind } from "../api/types";
import type { PictureSource } from "../components/pictures/source";
import { t } from "../i18n";
import type {
  BoxesData,
  BoxItem,
  ClassesData,
  ComparisonData,
  ImageData,
  MaskClass,
  MaskData,
} from "./shapes";

/** An answer as a renderer takes it, made of a job's result and files instead of a stage. */
export interface PlainAnswer {
  kind: Kind;
  data: BoxesData | ClassesData | MaskData | ComparisonData | ImageData;
  files: Record<string, string>;
}

export interface Size {
  width: number;
  height: number;
}

/** The job's result, as far as the renderers of pictures know it. */
interface Result {
  image?: Size;
  thresholds?: { score: number; iou: number };
  objects?: (Omit<BoxItem, "id"> & { id?: number })[];
  classes?: Named[];
  labels?: string[];
}

const OPACITY = 0.6;
const SAME_RATIO = 0.02; // of one scene: sizes are whole pixels, so the ratios of widths to heights differ a bit

/** What can be drawn without the stages; null: nothing can. `sizeOf` measures a file, as no row has its size. */
export async function plainAnswer(
  job: Job,
  picture: PictureSource | null,
  sizeOf: (url: string) => Promise<Size | null>,
): Promise<PlainAnswer | null> {
  const result = (job.result ?? {}) as Result;
  const answer = boxesAnswer(job, result) ?? classesAnswer(result) ?? maskAnswer(job, result);
  return answer ?? (await pictureAnswer(job, picture, sizeOf));
}

function boxesAnswer({ params }: Job, { objects, image, thresholds }: Result): PlainAnswer | null {
  if (!objects || !image) return null;
  const boxes = objects.map((object, index) => ({ ...object, id: object.id ?? index + 1 }));
  const { score, iou } = thresholds ?? params;
  const defaults = typeof score === "number" && typeof iou === "number" ? { score, iou } : undefined;
  return {
    kind: "boxes",
    data: { width: image.width, height: image.height, boxes, defaults, isPartial: true },
    files: {},
  };
}

function classesAnswer({ classes, labels }: Result): PlainAnswer | null {
  if (!classes?.length || !classes.every(isScored)) return null;
  return { kind: "classes", data: { classes, total: labels?.length ?? classes.length }, files: {} };
}

type Scored = ClassesData["classes"][number];
/** Of a generated picture the classes are names alone. */
type Named = Omit<MaskClass, "shown"> | Scored | string;

const isScored = (one: Named): one is Scored => typeof one === "object" && "score" in one;

function maskAnswer({ artifacts, params }: Job, { classes, image }: Result): PlainAnswer | null {
  const mask = artifacts.find(({ kind }) => kind === "mask");
  if (!mask || !classes || !image || classes.some(isScored)) return null;
  const { opacity } = params;
  const data: MaskData = {
    width: image.width,
    height: image.height,
    file: mask.name,
    opacity: typeof opacity === "number" ? opacity : OPACITY,
    // 0: the background
    classes: (classes as Omit<MaskClass, "shown">[]).map((one) => ({ ...one, shown: one.index > 0 })),
  };
  return { kind: "mask", data, files: { [mask.name]: mask.url } };
}

async function pictureAnswer(
  { artifacts }: Job,
  picture: PictureSource | null,
  sizeOf: (url: string) => Promise<Size | null>,
): Promise<PlainAnswer | null> {
  const file = mainPicture(artifacts);
  const size = file && (await sizeOf(file.url));
  if (!file || !size) return null;
  const answer = { file: file.name, ...size, alt: t("picture.alt", { name: file.name }) };
  const files = { [file.name]: file.url };
  if (!picture || !isSameScene(picture, size)) return { kind: "image", data: answer, files };
  const { width, height, alt } = picture;
  const data: ComparisonData = {
    ...size,
    pictures: [
      { name: t("answer.input"), file: null, width, height, alt },
      { name: t("answer.result"), ...answer },
    ],
    left: 0,
    right: 1,
  };
  return { kind: "comparison", data, files };
}

const MAX_BYTES = 40_000_000; // of a larger file its preview is shown, where it has one

function mainPicture(artifacts: Artifact[]): Artifact | null {
  const pictures = artifacts.filter(
    ({ media_type, kind }) => media_type.startsWith("image/") && kind === "image",
  );
  const preview = pictures.find(({ name }) => name.startsWith("preview")) ?? null;
  const main = pictures.find((one) => one !== preview) ?? null;
  return preview && (!main || main.bytes > MAX_BYTES) ? preview : main;
}

const PNG = 0x89504e47;

/** The size in the header of a PNG; null: it is none, or not all of the header is here. */
export function pngSize(bytes: Uint8Array): Size | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.byteLength < 24 || view.getUint32(0) !== PNG) return null;
  return { width: view.getUint32(16), height: view.getUint32(20) };
}

const isSameScene = (one: Size, other: Size): boolean =>
  Math.abs((one.width * other.height) / (one.height * other.width) - 1) <= SAME_RATIO;
