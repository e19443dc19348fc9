import { LineChart } from "../../components/charts/line-chart";
import type { StageProps } from "../props";
import type { CurveData } from "../shapes";

/** Lines over a common axis, as a plot and as a table. */
export function Curve({ data }: StageProps<CurveData>) {
  return (
    <div class="stage-main">
      <LineChart xLabel={data.x_label} yLabel={data.y_label} series={data.series} marks={data.marks} />
    </div>
  );
}
