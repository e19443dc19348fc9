import { useState } from "preact/hooks";
import { formatPercent, t } from "../../i18n";
import type { LatentWalk } from "../../stages/shapes";
import { Slider } from "../controls/slider";
import { between } from "./latent-space";

const STEPS = 60;

/** The way from one z to the other. */
export function Walk({ walk, onMove }: { walk: LatentWalk; onMove: (z: number[]) => void }) {
  const [at, setAt] = useState<number | null>(null); // null: z was not reached by this way yet
  const { from_name: from, to_name: to } = walk;
  return (
    <div class="latent-walk">
      <Slider
        title={t("latent.walk", { from, to })}
        value={at ?? 0}
        max={STEPS}
        valueText={at === null ? "–" : t("latent.walked", { share: formatPercent(at / STEPS) })}
        onInput={(next) => {
          setAt(next);
          onMove(between(walk, next / STEPS));
        }}
      />
    </div>
  );
}
