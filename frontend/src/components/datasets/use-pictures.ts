import { useRef, useState } from "preact/hooks";
import { ApiError } from "../../api/client";
import { datasets, type PictureChange, type PictureFilter } from "../../api/datasets";
import { firstItems } from "../../api/lists";
import { type Resource, useResource } from "../../api/resource";
import type { Annotation, DatasetPicture } from "../../api/types";
import { t } from "../../i18n";
import { errorText } from "../shell/problem-texts";

const SENDERS = 4; // changes on their way at once

export interface Pictures {
  items: DatasetPicture[] | null;
  hasMore: boolean;
  resource: Resource<unknown>;
  /** How many of a larger change are done. */
  progress: { done: number; total: number } | null;
  problem: string | null;
  change: (pictures: DatasetPicture[], changeOf: (picture: DatasetPicture) => PictureChange) => Promise<void>;
  remove: (pictures: DatasetPicture[]) => Promise<void>;
}

/** The pictures that match, and their changes, shown at once; `onChange` is called after each set of changes. */
export function usePictures(
  id: string,
  filter: PictureFilter,
  shown: number,
  onChange: () => void,
): Pictures {
  const filterKey = `${id} ${JSON.stringify(filter)}`;
  const resource = useResource(`${filterKey} ${shown}`, (signal) =>
    firstItems((page) => datasets.pictures(id, { ...filter, ...page }, signal), shown),
  );
  // while more are loaded, those of before stay
  const last = useRef<{ key: string; data: typeof resource.data }>({ key: filterKey, data: null });
  if (resource.data || last.current.key !== filterKey) last.current = { key: filterKey, data: resource.data };
  const [changed, setChanged] = useState<Map<string, DatasetPicture | null>>(new Map()); // null: deleted
  const [progress, setProgress] = useState<Pictures["progress"]>(null);
  const [problem, setProblem] = useState<string | null>(null);

  const keep = (key: string, picture: DatasetPicture | null) =>
    setChanged((all) => new Map(all).set(key, picture));

  const forEach = async (pictures: DatasetPicture[], act: (picture: DatasetPicture) => Promise<void>) => {
    const waiting = [...pictures];
    const problems = new Set<string>();
    let done = 0;
    setProblem(null);
    const send = async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        try {
          await act(next);
        } catch (error) {
          if (!(error instanceof ApiError)) throw error;
          problems.add(staleText(error, next, keep) ?? errorText(error));
        }
        done += 1;
        if (pictures.length > 1) setProgress({ done, total: pictures.length });
      }
    };
    await Promise.all(Array.from({ length: SENDERS }, send));
    setProgress(null);
    if (problems.size > 0) setProblem([...problems].join(" "));
    onChange();
  };

  const items = last.current.data?.items.flatMap((picture) => {
    const own = changed.get(picture.id);
    if (own === null) return [];
    return own && own.revision >= picture.revision ? own : picture;
  });
  return {
    items: items ?? null,
    hasMore: last.current.data?.next_cursor != null,
    resource,
    progress,
    problem,
    change: (pictures, changeOf) =>
      forEach(pictures, async (picture) =>
        keep(picture.id, await datasets.changePicture(id, picture, changeOf(picture))),
      ),
    remove: (pictures) =>
      forEach(pictures, async (picture) => {
        await datasets.removePicture(id, picture.id);
        keep(picture.id, null);
      }),
  };
}

/** Another tab was first: its state is shown, with a note. */
function staleText(
  { status, problem }: ApiError,
  picture: DatasetPicture,
  keep: (key: string, picture: DatasetPicture) => void,
): string | null {
  const { current } = problem as { current?: DatasetPicture };
  if (status !== 409 || !current) return null;
  keep(picture.id, current);
  return t("picture.stale", { name: picture.name });
}

/** The annotation with another class; null: the picture is not labeled any more. */
export function withLabel({ annotation }: DatasetPicture, label: string | null): Annotation | null {
  const objects = annotation?.objects ?? [];
  return label === null && objects.length === 0 ? null : { label, objects };
}
