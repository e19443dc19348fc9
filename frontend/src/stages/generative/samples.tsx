import { useMemo } from "preact/hooks";
import { SampleSheets } from "../../components/pictures/sample-sheets";
import type { StageProps } from "../props";
import type { SamplesData } from "../shapes";

/** Contact sheets of generated or reconstructed pictures, step by step. */
export function Samples({ data, files, view, part }: StageProps<SamplesData>) {
  const sheets = useMemo(
    () => data.steps.map(({ step, file, captions }) => ({ step, url: files[file], captions })),
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
        yLabel={data.y_label}
        view={view}
        hasPlayer={part !== "sample"}
      />
    </div>
  );
}
