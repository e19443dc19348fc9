import { LineChart } from "../../components/charts/line-chart";
import { said } from "../../i18n";
import type { CurveData } from "../shapes";
import type { StageProps } from "../stage";

/** Lines over a common axis, and the same as a table. */
export function Curve({ data }: StageProps<CurveData>) {
  return (
    <div class="stage-main">
      <LineChart
        xLabel={said(data.x_label)}
        yLabel={said(data.y_label)}
        series={data.series.map((one) => ({ ...one, name: said(one.name) }))}
      />
    </div>
  );
}
