import { useEffect, useState } from "preact/hooks";
import { t } from "../../i18n";
import type { PictureSource } from "./source";

const SLOW_MS = 300;

/** Reserves the space of content that loads, and shows that it does only if that takes longer than a moment. */
export function Placeholder({ source }: { source?: PictureSource | null }) {
  const ratio = source ? `${source.width} / ${source.height}` : "8 / 5";
  const [isSlow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), SLOW_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div class="stage-main" aria-busy="true">
      <div class={`placeholder${isSlow ? " is-slow" : ""}`} style={{ aspectRatio: ratio }}>
        <span role="status">{isSlow ? t("state.loading") : ""}</span>
      </div>
    </div>
  );
}
