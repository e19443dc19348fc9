import { useEffect, useRef } from "preact/hooks";
import type { Job } from "../../api/types";
import { SchemaForm } from "../../form/schema-form";
import { t } from "../../i18n";
import { Notice } from "../shell/notice";
import { fieldErrors } from "../shell/problem-texts";
import type { Bench } from "./bench";
import { ModelChoice } from "./model-choice";
import { RunButton } from "./run-button";

/** The model and its params; the error of a param is shown at its field. */
export function Settings({ bench, job, isOpen }: { bench: Bench; job: Job | null; isOpen: boolean }) {
  const { capability, error } = bench;
  const place = useRef<HTMLDivElement>(null);
  // below a long form, and far from the button at the top of the page
  useEffect(() => place.current?.scrollIntoView({ block: "nearest" }), [error]);
  if (!capability) return null;
  const fields = error?.status === 422 ? fieldErrors(error) : {};
  return (
    <section class="card">
      <details class="settings" open={isOpen || Object.keys(fields).length > 0}>
        <summary>
          <h2>{t("bench.settings")}</h2>
        </summary>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (bench.isReady) bench.run();
          }}
        >
          <ModelChoice models={capability.models} chosen={bench.model} onChoose={bench.setModel} />
          <SchemaForm
            textsOf={`${capability.name}.predict`}
            schema={capability.predict_params}
            values={bench.values}
            errors={fields}
            columns={bench.table.data?.columns}
            onChange={bench.setValues}
          />
          {bench.isReady && <RunButton bench={bench} isAgain={job !== null} />}
        </form>
      </details>
      {error && (
        <div ref={place}>
          <Notice error={error} />
        </div>
      )}
    </section>
  );
}
