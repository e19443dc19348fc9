import { LineChart } from "../components/line-chart";
import type { CurveData } from "./shapes";
import type { StageProps } from "./stage";

/** Lines over a common axis, and the same as a table. */
export function Curve({ data }: StageProps<CurveData>) {
  return (
    <div class="stage-main">
      <LineChart xLabel={data.x_label} yLabel={data.y_label} series={data.series} />
    </div>
  );
}
