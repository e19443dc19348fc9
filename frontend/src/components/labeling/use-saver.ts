import { useEffect, useMemo, useReducer, useRef, useState } from "preact/hooks";
import { ApiError } from "../../api/client";
import { datasets } from "../../api/datasets";
import type { DatasetPicture } from "../../api/types";
import { textOf } from "../../labeling/annotation";
import { Saver, type SaveStatus } from "../../labeling/saving";
import { type Action, annotationOf, type LabelState, opened, reduce } from "../../labeling/state";

/** The labels of one picture, and what changes them. */
export interface Labels {
  state: LabelState;
  dispatch: (action: Action) => void;
}

export interface SavedLabels extends Labels {
  status: SaveStatus<DatasetPicture>;
  saver: Saver<DatasetPicture>;
}

const PREFIX = "labels:";
const MOST_KEPT_ALIVE = 60_000; // bytes that a request may have which outlives its page

const keyOf = (dataset: string, picture: string) => `${PREFIX}${dataset}:${picture}`;

/** Other pictures of the dataset with changes that never reached the server. */
export function unsentPictures(dataset: string, except: string): string[] {
  try {
    return Object.keys(localStorage)
      .filter((key) => key.startsWith(keyOf(dataset, "")))
      .map((key) => key.slice(keyOf(dataset, "").length))
      .filter((picture) => picture !== except);
  } catch {
    return [];
  }
}

/** Still saving pictures that have been left: whoever comes back to one waits for it. */
const leaving = new Map<string, Promise<void>>();
export const settled = (picture: string): Promise<void> => leaving.get(picture) ?? Promise.resolve();

function conflictOf(error: unknown): DatasetPicture | null {
  if (!(error instanceof ApiError) || error.status !== 409) return null;
  return (error.problem as { current?: DatasetPicture }).current ?? null;
}

function storeAt(key: string) {
  return {
    read: () => {
      try {
        return localStorage.getItem(key);
      } catch {
        return null; // storage is blocked
      }
    },
    write: (text: string | null) => {
      try {
        if (text === null) localStorage.removeItem(key);
        else localStorage.setItem(key, text);
      } catch {
        // storage is blocked or full: changes are kept while the page is open
      }
    },
  };
}

/** The labels of one picture, saved as they change, also when the page is left. */
export function useSavedLabels(dataset: string, picture: DatasetPicture, onSaved: () => void): SavedLabels {
  const [status, setStatus] = useState<SaveStatus<DatasetPicture>>({ name: "saved" });
  const report = useRef(setStatus);
  const notify = useRef(onSaved);
  notify.current = onSaved;
  const { saver, first } = useMemo(() => {
    const made = new Saver<DatasetPicture>(picture, {
      send: (annotation, revision, isLast) => {
        const isSmall = isLast && textOf(annotation).length < MOST_KEPT_ALIVE;
        return datasets.annotate(
          dataset,
          picture.id,
          revision,
          annotation,
          isSmall ? { keepalive: true } : {},
        );
      },
      conflictOf,
      isTemporary: (error) => error instanceof ApiError && error.isTemporary,
      store: storeAt(keyOf(dataset, picture.id)),
      onStatus: (now) => {
        report.current(now);
        if (now.name === "saved") notify.current();
      },
    });
    return { saver: made, first: made.begin() };
  }, []);
  const [state, dispatch] = useReducer(reduce, null, () => opened(first));
  const isFirst = useRef(true);

  useEffect(() => {
    if (!isFirst.current) saver.change(annotationOf(state.now));
    isFirst.current = false;
  }, [state.now]);

  useEffect(() => {
    setStatus(saver.status);
    const leave = () => {
      if (document.visibilityState === "hidden") void saver.flush(true);
      else void look();
    };
    const look = async () => {
      const current = await datasets.picture(dataset, picture.id).catch(() => null);
      if (current && saver.refresh(current)) dispatch({ type: "replace", annotation: current.annotation });
    };
    const flush = () => void saver.flush(true);
    addEventListener("pagehide", flush);
    document.addEventListener("visibilitychange", leave);
    return () => {
      removeEventListener("pagehide", flush);
      document.removeEventListener("visibilitychange", leave);
      report.current = () => {};
      leaving.set(
        picture.id,
        saver.flush().finally(() => leaving.delete(picture.id)),
      );
    };
  }, []);

  return { state, dispatch, status, saver };
}
