import { useState } from "preact/hooks";
import { t } from "../../i18n";
import type { Dimension } from "../../stages/shapes";
import { DataTable } from "../tables/data-table";
import { INACTIVE_NATS, ranked } from "./latent-space";

interface DimensionTableProps {
  dimensions: Dimension[];
  z: number[];
  isOpen: boolean; // initially
}

/** Each dimension with its value, its posterior and its KL divergence, as far as the model has them. */
export function DimensionTable({ isOpen: isOpenAtFirst, ...props }: DimensionTableProps) {
  const [isOpen, setOpen] = useState(isOpenAtFirst);
  return (
    <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t("latent.dimensions")}</summary>
      {isOpen && <Rows {...props} />}
    </details>
  );
}

function Rows({ dimensions, z }: Omit<DimensionTableProps, "isOpen">) {
  const hasPosterior = dimensions.some(({ mean }) => mean !== undefined);
  const hasKl = dimensions.some(({ kl }) => kl !== undefined);
  const columns = [
    t("latent.dimension"),
    t("latent.value"),
    ...(hasPosterior ? [t("latent.mean"), t("latent.deviation")] : []),
    ...(hasKl ? [t("latent.kl"), t("latent.state")] : []),
  ];
  const rounded = (value: number | undefined) => (value === undefined ? null : Number(value.toFixed(3)));
  const rows = ranked(dimensions).map((index) => {
    const { name, mean, deviation, kl } = dimensions[index];
    const state = kl === undefined ? null : t(kl < INACTIVE_NATS ? "latent.inactive" : "latent.active");
    return [
      name,
      rounded(z[index]),
      ...(hasPosterior ? [rounded(mean), rounded(deviation)] : []),
      ...(hasKl ? [rounded(kl), state] : []),
    ];
  });
  return (
    <DataTable
      columns={columns.map((name) => ({ name, unit: name === t("latent.kl") ? "nat" : undefined }))}
      rows={rows}
    />
  );
}
