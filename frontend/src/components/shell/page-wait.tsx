import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { t } from "../../i18n";
import { Placeholder } from "../pictures/placeholder";

/** The script of a page is on its way; meanwhile the page before stays, where there is one. */
export const isPageLoading = signal(false);

const SLOW_MS = 300;

/** Shows that a page is on its way if that takes longer than a moment. */
export function PageWait() {
  const isLoading = isPageLoading.value;
  const [state, setState] = useState({ isSlow: false, isFirst: true });
  useEffect(() => {
    if (!isLoading) {
      setState((last) => ({ isSlow: false, isFirst: last.isFirst && document.querySelector("h1") === null }));
      return;
    }
    const timer = setTimeout(() => setState((last) => ({ ...last, isSlow: true })), SLOW_MS);
    return () => clearTimeout(timer);
  }, [isLoading]);
  if (!isLoading) return null;
  if (state.isFirst) return <Placeholder />;
  return state.isSlow ? (
    <p class="page-wait" role="status">
      {t("state.loading")}
    </p>
  ) : null;
}
