import type { Capability, Job } from "../../api/types";
import { changedValues, type Values } from "../../form/schema";
import { fileFields } from "../../form/snippets";
import { t } from "../../i18n";
import { CodeTabs } from "../controls/code-tabs";
import type { View } from "../workbench/view";

interface CodePlaceProps {
  capability: Capability;
  job: Job;
  names: Record<string, string>; // of the uploads, by the inputs' names
  values: Values;
  view: View;
}

/** The same answer by code; the snippet asks for what is shown: params that are tried out on it included. */
export function CodePlace({ capability, job, names, values, view }: CodePlaceProps) {
  const tried = Object.entries(view.tried.value).filter(([name]) => name in values);
  const isUsualModel = capability.models.find(({ name }) => name === job.model?.name)?.is_default;
  return (
    <section class="card" aria-labelledby="code-title">
      <h2 id="code-title">{t("code.title")}</h2>
      <CodeTabs
        call={{
          origin: location.origin,
          capability: job.capability,
          files: fileFields(capability.inputs, names),
          model: job.model && !isUsualModel ? job.model.name : null,
          params: changedValues(capability.predict_params, { ...values, ...Object.fromEntries(tried) }),
        }}
      />
    </section>
  );
}
