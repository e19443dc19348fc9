import { useState } from "preact/hooks";
import { ApiError } from "../../api/client";
import { fieldErrors } from "../shell/problem-texts";

/** What a user has requested by a form: whether it is under way, and why the last request was refused. */
export function useAction() {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const run = async (action: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await action();
    } catch (thrown) {
      if (!(thrown instanceof ApiError)) throw thrown;
      setError(thrown);
    } finally {
      setBusy(false);
    }
  };
  return { isBusy, error, fields: error?.problem.errors ? fieldErrors(error) : {}, run };
}

/** A handler of a form's submission, instead of the browser's own. */
export const onSubmit = (submit: () => Promise<void>) => (event: Event) => {
  event.preventDefault();
  return submit();
};
