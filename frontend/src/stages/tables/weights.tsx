import { Download } from "lucide";
import { Icon } from "../../components/controls/icon";
import { DataTable } from "../../components/tables/data-table";
import { formatBytes, t } from "../../i18n";
import type { StageProps } from "../props";
import type { WeightsData } from "../shapes";

/** Trained weights: how many, in which tensors, and the file itself. */
export function Weights({ data, files }: StageProps<WeightsData>) {
  const url = data.file === null ? undefined : files[data.file];
  return (
    <div class="stage-main">
      <p>{t("weights.size", { n: data.parameters, size: formatBytes(data.bytes) })}</p>
      {url && (
        <a class="button" href={url} download={data.file ?? ""}>
          <Icon of={Download} />
          {t("weights.download")}
        </a>
      )}
      {data.tensors && (
        <DataTable
          columns={[{ name: t("weights.tensor") }, { name: t("weights.shape") }]}
          rows={data.tensors.map(({ name, shape }) => [name, shape.join(" × ")])}
        />
      )}
    </div>
  );
}
