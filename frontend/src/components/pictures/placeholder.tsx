import { t } from "../../i18n";
import type { PictureSource } from "./source";

interface PlaceholderProps {
  source?: PictureSource | null;
  isSlow: boolean;
}

/** Reserves the space of content that loads, and announces it only if loading is slow. */
export function Placeholder({ source, isSlow }: PlaceholderProps) {
  const ratio = source ? `${source.width} / ${source.height}` : "8 / 5";
  return (
    <div class="stage-main" aria-busy="true">
      <div class={`placeholder${isSlow ? " is-slow" : ""}`} style={{ aspectRatio: ratio }}>
        <span class="visually-hidden" role="status">
          {isSlow ? t("state.loading") : ""}
        </span>
      </div>
    </div>
  );
}
