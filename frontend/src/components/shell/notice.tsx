import { CircleAlert } from "lucide";
import type { ComponentChildren } from "preact";
import type { ApiError } from "../../api/client";
import { t } from "../../i18n";
import { Icon } from "../controls/icon";
import { errorText, problemTitle } from "./problem-texts";

interface NoticeProps {
  error: ApiError;
  onRetry?: () => void;
  /** It replaces a whole page and is its heading. */
  isPage?: boolean;
  children?: ComponentChildren;
}

/** What went wrong, why, and what can be done; never a status code alone. */
export function Notice({ error, onRetry, isPage = false, children }: NoticeProps) {
  return (
    <div class="notice" role="alert">
      <Icon of={CircleAlert} size={20} />
      <div>
        {isPage ? (
          <h1>{problemTitle(error)}</h1>
        ) : (
          <p>
            <strong>{problemTitle(error)}</strong>
          </p>
        )}
        <p>{errorText(error)}</p>
        {error.problem.request_id && (
          <p class="hint">{t("error.request", { id: error.problem.request_id })}</p>
        )}
        {children}
        {onRetry && error.isTemporary && (
          <button type="button" class="button is-small" onClick={onRetry}>
            {t("action.tryAgain")}
          </button>
        )}
        {isPage && (
          <a class="button is-small" href="/">
            {t("notFound.home")}
          </a>
        )}
      </div>
    </div>
  );
}
