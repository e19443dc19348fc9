import { useState } from "preact/hooks";
import { ApiError, api } from "../../api/client";
import { t } from "../../i18n";
import { errorText } from "./problem-texts";

/** Shown only if the server requires API keys. */
export function SignIn() {
  const [key, setKey] = useState("");
  const [error, setError] = useState<string | null>(null);
  const submit = async (event: Event) => {
    event.preventDefault();
    try {
      await api.signIn(key);
      location.reload(); // everything that was refused is loaded again
    } catch (thrown) {
      if (!(thrown instanceof ApiError)) throw thrown;
      setError(errorText(thrown));
    }
  };
  return (
    <form class="card sign-in" onSubmit={submit}>
      <h1>{t("signIn.title")}</h1>
      <p>{t("signIn.lead")}</p>
      <div class={`field${error ? " has-error" : ""}`}>
        <label for="key">{t("signIn.key")}</label>
        <input
          id="key"
          type="password"
          autocomplete="current-password"
          required
          value={key}
          aria-invalid={error ? true : undefined}
          aria-describedby={error ? "key-error" : undefined}
          onInput={(event) => setKey(event.currentTarget.value)}
        />
        {error && (
          <p id="key-error" class="error" role="alert">
            {error}
          </p>
        )}
      </div>
      <button type="submit" class="button is-primary">
        {t("signIn.enter")}
      </button>
    </form>
  );
}
