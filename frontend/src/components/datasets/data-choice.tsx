import { useState } from "preact/hooks";
import { ApiError, api } from "../../api/client";
import { useResource } from "../../api/resource";
import type { Capability, Input } from "../../api/types";
import { FileDrop } from "../../form/file-drop";
import { onlyInput } from "../../form/inputs";
import { label, t } from "../../i18n";
import { Choice } from "../controls/choice";
import { errorText } from "../shell/problem-texts";

interface DataChoiceProps {
  capability: Capability;
  takes: Input; // what the file is for
  legend: string;
  uploadId: string | null;
  error: string | undefined;
  onUpload: (id: string | null) => void;
}

/** The data of a job that is no prediction: what comes along, a sample, or a file of one's own. */
export function DataChoice({ capability, takes, legend, uploadId, error, onUpload }: DataChoiceProps) {
  const [isBusy, setBusy] = useState(false);
  const [refusal, refuse] = useState<string | null>(null);
  const samples =
    takes.kind === onlyInput(capability)?.kind
      ? capability.samples.flatMap(({ name, title, upload_id }) =>
          upload_id
            ? { name: label(`${capability.name}.samples.${name}.title`, title).text, id: upload_id }
            : [],
        )
      : [];
  const isOwn = uploadId !== null && !samples.some(({ id }) => id === uploadId);
  const own = useResource(isOwn ? uploadId : null, (signal) => api.upload(uploadId ?? "", signal));
  const options = [
    ...(takes.required ? [] : [{ name: t("train.sample"), id: null }]),
    ...samples,
    ...(isOwn ? [{ name: own.data?.name ?? t("train.own"), id: uploadId }] : []),
  ];
  const send = async ([file]: File[]) => {
    setBusy(true);
    refuse(null);
    try {
      onUpload((await api.createUpload(file)).id);
    } catch (thrown) {
      if (!(thrown instanceof ApiError)) throw thrown;
      refuse(errorText(thrown));
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      {options.length > 0 && (
        <Choice
          legend={legend}
          options={options}
          chosen={options.findIndex(({ id }) => id === uploadId)}
          onChoose={(index) => onUpload(options[index].id)}
        />
      )}
      <FileDrop
        accepts={takes.kind}
        isSingle
        isBusy={isBusy}
        error={refusal ?? error ?? own.error?.message ?? null}
        onFiles={send}
        onRefuse={refuse}
      />
      <p class="visually-hidden" role="status">
        {isBusy ? t("bench.sending") : ""}
      </p>
    </>
  );
}
