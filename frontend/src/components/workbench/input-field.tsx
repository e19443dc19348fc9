import { FileText, X } from "lucide";
import { useId } from "preact/hooks";
import { api } from "../../api/client";
import { useResource } from "../../api/resource";
import type { Input } from "../../api/types";
import { FileDrop } from "../../form/file-drop";
import { label, t } from "../../i18n";
import { Icon } from "../controls/icon";
import { Notice } from "../shell/notice";
import { fieldErrors } from "../shell/problem-texts";
import type { Bench } from "./bench";
import { SketchPlace } from "./sketch-place";

/** One of several inputs: its upload, as soon as it has one, and a drop zone of its own. */
export function InputField({ bench, input }: { bench: Bench; input: Input }) {
  const id = useId();
  const uploadId = bench.chosen[input.name] ?? null;
  const upload = useResource(uploadId, (signal) => api.upload(uploadId ?? "", signal));
  const title = label(`${bench.capability?.name}.inputs.${input.name}.title`, input.title);
  const name = upload.data?.name ?? "";
  const refusal =
    bench.refusal?.input === input.name
      ? bench.refusal.reason
      : ((bench.error && fieldErrors(bench.error)[input.name]) ?? null);
  return (
    <section class="input-field" aria-labelledby={id}>
      <h3 id={id} lang={title.lang}>
        {input.required ? title.text : t("bench.optional", { title: title.text })}
      </h3>
      {upload.error && <Notice error={upload.error} />}
      {upload.data && (
        <p class="input-file">
          {upload.data.width ? (
            <img src={upload.data.picture_url ?? upload.data.url} alt={t("picture.alt", { name })} />
          ) : (
            <span class="no-thumb">
              <Icon of={FileText} size={24} />
            </span>
          )}
          <span>{name}</span>
          <button
            type="button"
            class="tool is-bare"
            disabled={bench.isBusy}
            aria-label={t("bench.remove", { name })}
            title={t("bench.remove", { name })}
            onClick={() => bench.remove(input)}
          >
            <Icon of={X} size={16} />
          </button>
        </p>
      )}
      <SketchPlace bench={bench} input={input} isOpen={uploadId === null} />
      <FileDrop
        accepts={input.kind}
        isSingle
        purpose={title.text}
        isBusy={bench.isBusy}
        error={refusal}
        onFiles={(files, refused) => bench.take(input, files, refused)}
        onRefuse={(reason) => bench.refuse(input, reason)}
      />
    </section>
  );
}
