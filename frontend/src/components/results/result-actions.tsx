import { Download, FileJson } from "lucide";
import { useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import { ApiError, api } from "../../api/client";
import { type Artifact, type Capability, isFinal, type Job } from "../../api/types";
import { formatBytes, label, t } from "../../i18n";
import { ConfirmButton } from "../controls/confirm-button";
import { CopyButton } from "../controls/copy-button";
import { Icon } from "../controls/icon";
import { useLoaded } from "../controls/loaded";
import { saveFile } from "../controls/save-file";
import { errorText } from "../shell/problem-texts";
import { addressOf, type View } from "../workbench/view";
import type { AnswerContext } from "./answer";

interface ResultActionsProps {
  job: Job;
  context: AnswerContext;
  view: View;
  exports?: Capability["exports"];
}

const endingOf = ({ name }: Artifact) => name.slice(name.lastIndexOf(".") + 1).toUpperCase();

export function ResultActions({ job, context, view, exports = [] }: ResultActionsProps) {
  const { route } = useLocation();
  const correct = useLoaded(() => import("./correct"));
  const [error, setError] = useState<string | null>(null);
  const [first] = Object.values(context.uploads.data ?? {});
  const stem = first?.name.replace(/\.\w+$/, "") ?? job.capability;

  const endings = [...job.artifacts.map(endingOf), ...(job.result ? ["JSON"] : [])];
  const isAlone = (file: Artifact) => endings.filter((one) => one === endingOf(file)).length === 1;

  const guarded = async (act: () => Promise<void>) => {
    try {
      setError(null);
      await act();
    } catch (thrown) {
      if (!(thrown instanceof ApiError)) throw thrown;
      setError(errorText(thrown));
    }
  };
  const saveResult = () =>
    saveFile(
      new Blob([JSON.stringify(job.result, null, 2)], { type: "application/json" }),
      `${stem}-${job.capability}.json`,
    );
  const remove = () =>
    guarded(async () => {
      await api.deleteJob(job.id);
      route("/jobs");
    });

  return (
    <div class="actions">
      <CopyButton text={() => `${location.origin}${addressOf(view)}`} title={t("action.copyLink")} isLink />
      <a class="button is-quiet" href={`/compare?a=${job.id}`}>
        {t("action.compare")}
      </a>
      {job.result && (
        <button type="button" class="button is-quiet" onClick={saveResult}>
          <Icon of={FileJson} />
          JSON
        </button>
      )}
      {job.artifacts.map((file) => (
        <a
          key={file.id}
          class="button is-quiet"
          href={file.url}
          download={`${stem}-${file.name}`}
          title={`${file.name}, ${formatBytes(file.bytes)}`}
        >
          <Icon of={Download} />
          {isAlone(file) ? endingOf(file) : file.name}
        </a>
      ))}
      {job.status === "succeeded" &&
        exports.map(({ name, title, ending }) => {
          const shown = label(`${job.capability}.exports.${name}.title`, title);
          return (
            <a
              key={name}
              class="button is-quiet"
              href={`/v1/jobs/${job.id}/exports/${name}`}
              download={`${stem}-${name}.${ending}`}
              lang={shown.lang}
            >
              <Icon of={Download} />
              {shown.text}
            </a>
          );
        })}
      {correct && <correct.Correct job={job} uploads={context.uploads.data} />}
      {isFinal(job.status) && (
        <ConfirmButton
          title={t("action.delete")}
          isHarmless={job.status !== "succeeded"}
          onConfirm={remove}
        />
      )}
      {error && (
        <p class="error" role="alert">
          {error}
        </p>
      )}
    </div>
  );
}
