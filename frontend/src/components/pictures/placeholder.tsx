import { t } from "../../i18n";
import type { PictureSource } from "./picture";

interface PlaceholderProps {
  source?: PictureSource | null;
  isSlow: boolean;
}

/** Keeps the place of what is coming, so that nothing jumps; says so only when it takes a while. */
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
