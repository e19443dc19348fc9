import { useMemo } from "preact/hooks";
import { SampleSheets } from "../../components/pictures/sample-sheets";
import type { StageProps } from "../props";
import type { SamplesData } from "../shapes";

/** Contact sheets of generated or reconstructed pictures, step by step. */
export function Samples({ data, files, view, part }: StageProps<SamplesData>) {
  const sheets = useMemo(
    () => data.steps.map(({ step, name, file, captions }) => ({ step, name, url: files[file], captions })),
    [data, files],
  );
  return (
    <div class="stage-main">
      <SampleSheets
        sheets={sheets}
        tile={data.tile}
        columns={data.columns}
        count={data.count}
        rowNames={data.row_names}
        columnNames={data.column_names}
        captionsName={data.captions_name}
        series={data.series}
        xLabel={data.x_label}
        yLabel={data.y_label}
        initial={data.initial}
        view={view}
        hasPlayer={part !== "sample"}
      />
    </div>
  );
}
