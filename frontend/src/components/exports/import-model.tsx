import { Upload } from "lucide";
import { useId, useRef, useState } from "preact/hooks";
import { ApiError, path, write } from "../../api/client";
import { after } from "../../api/connection";
import type { Model } from "../../api/types";
import { t } from "../../i18n";
import { Icon } from "../controls/icon";
import { errorText } from "../shell/problem-texts";
import "../runs/topic";

/** The imported model; a check that takes longer than a request goes on with the next one. */
async function importFrom(file: File): Promise<Model> {
  for (;;) {
    const body = new FormData();
    body.append("file", file);
    try {
      return await write<Model>("POST", path("models", "import"), undefined, { body });
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 503 && error.retryAfter)) throw error;
      await after(1000 * error.retryAfter);
    }
  }
}

/** Takes the ZIP of a model, dropped or chosen. */
export function ImportModel({ onImported }: { onImported: (model: Model) => void }) {
  const [name, setName] = useState<string | null>(null);
  const [isOver, setOver] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const chooser = useRef<HTMLInputElement>(null);
  const hint = useId();

  const take = async (file: File | undefined) => {
    if (!file || name) return;
    setName(file.name);
    setProblem(null);
    try {
      onImported(await importFrom(file));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setProblem(errorText(error));
    } finally {
      setName(null);
      if (chooser.current) chooser.current.value = "";
    }
  };
  const over = (event: DragEvent, next: boolean) => {
    event.preventDefault();
    setOver(next);
  };

  return (
    <section
      class={isOver ? "card import-model is-over" : "card import-model"}
      aria-label={t("runs.import")}
      onDragOver={(event) => over(event, true)}
      onDragLeave={(event) => over(event, false)}
      onDrop={(event) => {
        over(event, false);
        take(event.dataTransfer?.files[0]);
      }}
    >
      <input
        ref={chooser}
        type="file"
        accept=".zip,application/zip"
        hidden
        aria-label={t("runs.import")}
        onChange={(event) => take(event.currentTarget.files?.[0])}
      />
      <button
        type="button"
        class="button"
        disabled={name !== null}
        aria-describedby={hint}
        onClick={() => chooser.current?.click()}
      >
        <Icon of={Upload} size={16} />
        {t("runs.import")}
      </button>
      <p id={hint} class="hint" role="status">
        {name ? t("runs.importing", { name }) : t("runs.importHint")}
      </p>
      {problem && (
        <p class="error" role="alert">
          {problem}
        </p>
      )}
    </section>
  );
}
