import { useState } from "preact/hooks";
import { ApiError } from "../../api/client";
import { errorText, fieldErrors } from "../shell/problem-texts";

/**
 * What a user has requested by a form: whether it is under way, and why the last request was refused. `run` returns
 * whether it succeeded.
 */
export function useAction() {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const run = async (action: () => Promise<unknown>): Promise<boolean> => {
    setBusy(true);
    setError(null);
    try {
      await action();
      return true;
    } catch (thrown) {
      if (!(thrown instanceof ApiError)) throw thrown;
      setError(thrown);
      return false;
    } finally {
      setBusy(false);
    }
  };
  const fields = error?.problem.errors ? fieldErrors(error) : {};
  return { isBusy, error, fields, problem: error && errorText(error), run };
}

/** A handler of a form's submission, instead of the browser's own. */
export const onSubmit = (submit: () => Promise<unknown>) => (event: Event) => {
  event.preventDefault();
  return submit();
};
