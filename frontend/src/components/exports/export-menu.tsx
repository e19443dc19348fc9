import { Download } from "lucide";
import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError, path } from "../../api/client";
import { after } from "../../api/connection";
import type { Model } from "../../api/types";
import { formatBytes, t } from "../../i18n";
import { Icon } from "../controls/icon";
import { errorText } from "../shell/problem-texts";
import "../runs/topic";

type Format = Model["formats"][number];

const addressOf = (model: Model, format: Format): string =>
  `${path("models", model.name, "export")}?${new URLSearchParams({ format, version: `${model.version}` })}`;

/** The size of the file once it is written: its first byte is requested until there is one. */
async function sizeWhenReady(address: string, signal: AbortSignal): Promise<number> {
  for (;;) {
    const response = await fetch(address, { headers: { Range: "bytes=0-0" }, signal });
    await response.body?.cancel();
    if (response.ok) return Number(response.headers.get("Content-Range")?.split("/")[1]);
    const problem = response.status === 503 ? {} : await fetch(address, { signal }).then((it) => it.json());
    if (response.status !== 503) throw new ApiError(response.status, problem);
    await after(1000 * (Number(response.headers.get("Retry-After")) || 2));
  }
}

/** The files that a model can be saved as, each with what is inside. The server writes a file at its first request. */
export function ExportMenu({ model }: { model: Model }) {
  const [writing, setWriting] = useState<Format | null>(null);
  const [ready, setReady] = useState<{ format: Format; bytes: number } | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const left = useRef(new AbortController());
  useEffect(() => () => left.current.abort(), []);
  if (model.formats.length === 0) return null;

  const save = async (format: Format) => {
    setWriting(format);
    setProblem(null);
    setReady(null);
    try {
      const address = addressOf(model, format);
      setReady({ format, bytes: await sizeWhenReady(address, left.current.signal) });
      const link = document.createElement("a");
      link.href = address;
      link.download = "";
      link.click();
    } catch (error) {
      if (left.current.signal.aborted) return;
      setProblem(errorText(error instanceof ApiError ? error : new ApiError(0, {})));
    } finally {
      if (!left.current.signal.aborted) setWriting(null);
    }
  };

  return (
    <section class="exports" aria-labelledby={`export-${model.id}`}>
      <h3 id={`export-${model.id}`}>{t("runs.export")}</h3>
      <p class="hint">{t("runs.exportLead")}</p>
      <ul class="plain-list">
        {model.formats.map((format) => (
          <li key={format}>
            <button
              type="button"
              class="button is-small"
              disabled={writing !== null}
              onClick={() => save(format)}
            >
              <Icon of={Download} size={16} />
              {t(`runs.format.${format}`)}
            </button>
            <small>
              {t(`runs.formatAbout.${format}`)}
              {format === "safetensors" && model.bytes !== null && ` ${formatBytes(model.bytes)}.`}
              {ready?.format === format && ` ${formatBytes(ready.bytes)}.`}
            </small>
          </li>
        ))}
      </ul>
      <p role="status" class="hint">
        {writing && t("runs.exporting", { format: t(`runs.format.${writing}`) })}
      </p>
      {problem && (
        <p class="error" role="alert">
          {problem}
        </p>
      )}
    </section>
  );
}
