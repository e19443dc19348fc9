import { useEffect, useRef, useState } from "preact/hooks";
import { api } from "../../api/client";
import { datasets } from "../../api/datasets";
import { useResource } from "../../api/resource";
import type { Dataset, DatasetPicture, Model } from "../../api/types";
import { classOf, SUGGESTED_BY, suggestionsOf } from "../../labeling/suggesting";
import { nameOf, predict, reasonOf } from "./predictions";
import type { Session } from "./session";
import type { SavedLabels } from "./use-saver";

export interface SuggestionsState {
  models: Model[];
  model: Model | null;
  isRunning: boolean;
  error: string | null;
  /** The model has answered for this picture. */
  isDone: boolean;
  suggest: () => void;
}

/** What a model suggests for this picture, and in advance for the next one. */
export function useSuggestions(
  dataset: Dataset,
  picture: DatasetPicture,
  session: Session,
  { state, dispatch }: SavedLabels,
): SuggestionsState {
  const capability = SUGGESTED_BY[dataset.kind];
  const { data } = useResource(capability ? "models" : null, (signal) => api.models(signal));
  const models = (data?.items ?? []).filter((one) => one.capability === capability && one.is_installed);
  const model =
    models.find((one) => nameOf(one) === session.model) ??
    models.find(({ is_default }) => is_default) ??
    models[0] ??
    null;
  const [running, setRunning] = useState(0);
  const [error, setError] = useState<string | null>(null);
  const [isDone, setDone] = useState(false);
  const isThere = useRef(true);
  const isRequested = useRef(false);
  const isWorked = state.now.objects.length > 0 || state.now.label !== null || state.now.isEmpty;

  const suggest = async () => {
    isRequested.current = !model; // the list of models is on its way
    if (!model) return;
    setError(null);
    setRunning((count) => count + 1);
    try {
      const result = await predict(model, picture.upload_id);
      if (!isThere.current) return;
      const found = suggestionsOf(result, (label) => classOf(label, session.classes, session.assigned));
      dispatch({ type: "suggest", ...found });
      setDone(true);
    } catch (reason) {
      if (isThere.current) setError(reasonOf(reason));
    } finally {
      if (isThere.current) setRunning((count) => count - 1);
    }
  };

  const prepareNext = async () => {
    const next = await datasets.nextUnlabeled(dataset.id, picture.position).catch(() => null);
    if (next && model && isThere.current) await predict(model, next.upload_id).catch(() => {});
  };

  useEffect(
    () => () => {
      isThere.current = false;
    },
    [],
  );
  useEffect(() => {
    if (!model) return;
    if (!session.suggestsAlways) return void (isRequested.current && suggest());
    void (isWorked && !isRequested.current ? Promise.resolve() : suggest()).then(prepareNext);
  }, [model && nameOf(model), session.suggestsAlways]);

  return { models, model, isRunning: running > 0, error, isDone, suggest: () => void suggest() };
}
