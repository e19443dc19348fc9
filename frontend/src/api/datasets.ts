import { ApiError, get, path, write, writeOnly } from "./client";
import type { Page } from "./lists";
import { useResource } from "./resource";
import type {
  Annotation,
  Capability,
  Dataset,
  DatasetCreate,
  DatasetKind,
  DatasetPicture,
  DatasetPictureCreate,
  DatasetVersion,
  Job,
  Split,
  Upload,
} from "./types";

export interface DatasetFilter {
  kind?: string;
  name?: string;
  limit?: string;
  cursor?: string;
}

export interface PictureFilter {
  label?: string;
  labeled?: string; // "true" or "false"
  split?: string;
  name?: string;
  limit?: string;
  cursor?: string;
}

export interface PictureChange {
  annotation?: Annotation | null;
  split?: Split | null;
  group?: string | null;
  name?: string;
}

export interface VersionOptions {
  validation_share: number;
  test_share: number;
  seed: number;
  keep_splits: boolean;
}

export type ExportForm = "glassbox" | "coco" | "yolo";

const base = (...parts: string[]) => path("datasets", ...parts);
const searching = (filter: object) => new URLSearchParams({ ...filter });

export const datasets = {
  list: (filter: DatasetFilter, signal?: AbortSignal) =>
    get<Page<Dataset>>(`${base()}?${searching(filter)}`, signal),
  get: (id: string, signal?: AbortSignal) => get<Dataset>(base(id), signal),
  create: (body: DatasetCreate) => write<Dataset>("POST", base(), body),
  change: (
    id: string,
    body: {
      name?: string;
      description?: string;
      kind?: DatasetKind;
      classes?: string[];
      rename_class?: { from: string; to: string };
    },
  ) => write<Dataset>("PATCH", base(id), body),
  remove: (id: string) => writeOnly("DELETE", base(id)),

  pictures: (id: string, filter: PictureFilter, signal?: AbortSignal) =>
    get<Page<DatasetPicture>>(`${base(id, "pictures")}?${searching(filter)}`, signal),
  picture: (id: string, picture: string, signal?: AbortSignal) =>
    get<DatasetPicture>(base(id, "pictures", picture), signal),
  /** The next picture behind a position that nobody has labeled yet; 404: there is none. */
  nextUnlabeled: (id: string, after: number, signal?: AbortSignal) =>
    get<DatasetPicture>(`${base(id, "pictures", "next")}?after=${after}&labeled=false`, signal),
  /** The next picture behind a position, labeled or not; 404: there is none. */
  next: (id: string, after: number, signal?: AbortSignal) =>
    get<DatasetPicture>(`${base(id, "pictures", "next")}?after=${after}`, signal),
  add: (id: string, pictures: DatasetPictureCreate[]) =>
    write<{ items: DatasetPicture[] }>("POST", base(id, "pictures"), { pictures }),
  /** Status 409: the picture was changed elsewhere, and the problem has it as `current`. */
  changePicture: (id: string, picture: DatasetPicture, change: PictureChange) =>
    write<DatasetPicture>("PATCH", base(id, "pictures", picture.id), {
      revision: picture.revision,
      ...change,
    }),
  /** As changePicture, for a page that is being left: with `keepalive` in `init` the request outlives it. */
  annotate: (
    id: string,
    picture: string,
    revision: number,
    annotation: Annotation | null,
    init: RequestInit = {},
  ) => write<DatasetPicture>("PATCH", base(id, "pictures", picture), { revision, annotation }, init),
  removePicture: (id: string, picture: string) => writeOnly("DELETE", base(id, "pictures", picture)),

  versions: (id: string, signal?: AbortSignal) => get<Page<DatasetVersion>>(base(id, "versions"), signal),
  version: (id: string, version: number, signal?: AbortSignal) =>
    get<DatasetVersion>(base(id, "versions", String(version)), signal),
  /** The job that checks and freezes it, or the version that is there already. */
  freeze: (id: string, options: VersionOptions) =>
    write<Job | DatasetVersion>("POST", base(id, "versions"), options),
  exportUrl: (id: string, version: number, form: ExportForm) =>
    `${base(id, "versions", String(version), "export")}?form=${form}`,
};

/** A dataset, and which of its versions; "": the newest. */
export interface ChosenDataset {
  id: string;
  version: string;
}

type Query = Record<string, string>;

/** The choice that an address holds. */
export const chosenIn = ({ dataset, dataset_version: version = "" }: Query): ChosenDataset | null =>
  dataset ? { id: dataset, version } : null;

/** The choice as part of an address. */
export const queryOf = (chosen: ChosenDataset | null): Query =>
  chosen ? { dataset: chosen.id, ...(chosen.version && { dataset_version: chosen.version }) } : {};

/** The choice as part of a request. */
export const bodyOf = (chosen: ChosenDataset | null) => ({
  ...(chosen && { dataset_id: chosen.id }),
  ...(chosen?.version && { dataset_version: Number(chosen.version) }),
});

/** The kinds of datasets that a capability's training reads. */
export const takenKinds = ({ train_params, trains_on_datasets: kinds }: Capability): DatasetKind[] =>
  train_params ? (kinds ?? []) : [];

/** The upload of a dataset that is a table. */
export const useTableUpload = (id: string | null) =>
  useResource(id && `table ${id}`, async (signal) => {
    const { items } = await datasets.pictures(id ?? "", { limit: "1" }, signal);
    return items[0]?.upload_id ?? null;
  });

/** As `api.createUpload`, with the share that has been sent, for large files. */
export function uploadFile(
  file: File,
  onProgress: (share: number) => void,
  signal: AbortSignal,
): Promise<Upload> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const body = new FormData();
    body.append("file", file);
    request.upload.onprogress = ({ loaded, total }) => onProgress(total ? loaded / total : 0);
    request.onload = () => {
      const type = request.getResponseHeader("Content-Type") ?? "";
      const answer = type.includes("json") ? JSON.parse(request.responseText) : {};
      if (request.status < 300) resolve(answer);
      else reject(new ApiError(request.status, { title: request.statusText, ...answer }));
    };
    request.onerror = () => reject(new ApiError(0, {}));
    request.onabort = () => reject(new DOMException("canceled", "AbortError"));
    signal.addEventListener("abort", () => request.abort());
    request.open("POST", path("uploads"));
    request.setRequestHeader("Accept", "application/json");
    request.send(body);
  });
}
