import { Download, X } from "lucide";
import { useEffect, useState } from "preact/hooks";
import { reloadCatalog } from "../../api/catalog";
import { ApiError, api } from "../../api/client";
import { useJobStream } from "../../api/job-stream";
import type { Job, Model } from "../../api/types";
import { formatBytes, message, t } from "../../i18n";
import { Icon } from "../controls/icon";
import { ProgressBar, progressText } from "../jobs/job-progress";
import { errorText } from "../shell/problem-texts";

interface InstallModelProps {
  model: Model;
  onInstalled?: () => void;
}

/** A model that is not on the machine: its size and license, a button that installs it, and the command that does so. */
export function InstallModel({ model, onInstalled }: InstallModelProps) {
  const [job, setJob] = useState<Job | null>(null);
  const [problem, setProblem] = useState<string | null>(null);

  const install = async () => {
    setProblem(null);
    try {
      setJob(await api.installModel(model.name));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setProblem(errorText(error));
    }
  };
  const end = (ended: Job) => {
    setJob(null);
    if (ended.status === "failed") setProblem(message(ended.error_message, ended.error ?? "").text);
    if (ended.status !== "succeeded") return;
    void reloadCatalog();
    onInstalled?.();
  };

  return (
    <div class="install">
      <p class="hint">
        {model.download_bytes !== null &&
          `${t("model.download", { size: formatBytes(model.download_bytes) })}, `}
        {model.license}
      </p>
      {job ? (
        <Installing key={job.id} id={job.id} onEnd={end} />
      ) : (
        <button type="button" class="button is-small" onClick={install}>
          <Icon of={Download} size={16} />
          {t("model.installNow")}
        </button>
      )}
      {problem && (
        <p class="error" role="alert">
          {problem}
        </p>
      )}
      {model.install_command && (
        <p class="hint">
          {t("model.install")} <code>{model.install_command}</code>
        </p>
      )}
    </div>
  );
}

function Installing({ id, onEnd }: { id: string; onEnd: (job: Job) => void }) {
  const stream = useJobStream(id);
  const job = stream.job.value;
  const hasEnded = stream.link.value === "finished";
  useEffect(() => {
    if (job && hasEnded) onEnd(job);
  }, [hasEnded]);
  if (!job) return null;
  return (
    <div aria-busy="true">
      <p role="status">{progressText(job)}</p>
      <ProgressBar job={job} />
      <button
        type="button"
        class="button is-small is-quiet"
        onClick={() => void api.cancelJob(id).catch(() => undefined)}
      >
        <Icon of={X} size={16} />
        {t("action.cancel")}
      </button>
    </div>
  );
}
