import { useState } from "preact/hooks";
import { ApiError } from "../../../api/client";
import { datasets } from "../../../api/datasets";
import type { Dataset } from "../../../api/types";
import { t } from "../../../i18n";
import { Notice } from "../../shell/notice";

const KINDS = ["classes", "boxes", "masks"] as const;

/** Pictures without a kind of labels get one before the first is labeled. */
export function KindChoice({ dataset, onChange }: { dataset: Dataset; onChange: () => void }) {
  const [error, setError] = useState<ApiError | null>(null);
  const choose = (kind: (typeof KINDS)[number]) =>
    datasets.change(dataset.id, { kind }).then(onChange, (reason: unknown) => {
      if (!(reason instanceof ApiError)) throw reason;
      setError(reason);
    });
  return (
    <section class="card" aria-labelledby="kind-title">
      <h1 id="kind-title">{t("labeling.kindTitle")}</h1>
      <p class="hint">{t("labeling.kindHint")}</p>
      {error && <Notice error={error} />}
      <div class="actions">
        {KINDS.map((kind) => (
          <button key={kind} type="button" class="button" onClick={() => choose(kind)}>
            {t(`labeling.kind.${kind}`)}
          </button>
        ))}
      </div>
    </section>
  );
}
