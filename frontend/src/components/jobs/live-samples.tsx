import { useEffect, useRef } from "preact/hooks";
import type { JobStream, LiveSheet } from "../../api/job-stream";
import { isFinal } from "../../api/types";
import { inReadersLanguage, t } from "../../i18n";
import { SampleSheets } from "../pictures/sample-sheets";
import type { View } from "../workbench/view";

interface LiveSamplesProps {
  stream: JobStream;
  view: View; // its spot is the sheet on show; null: the newest
}

/** The samples of a training while it runs and afterwards; nothing where it draws none. */
export function LiveSamples({ stream, view }: LiveSamplesProps) {
  const sheets = stream.sheets.value;
  const known = useRef(0);
  useEffect(() => {
    // who moved to the newest sheet follows it again
    if (view.spot.value?.[0] === known.current - 1) view.spot.value = null;
    known.current = sheets.length;
  }, [sheets]);
  if (sheets.length === 0) return null;
  const isRunning = !isFinal(stream.job.value?.status ?? "running");
  const layout = inReadersLanguage(sheets[sheets.length - 1]);
  return (
    <section class="card" aria-labelledby="samples-title">
      <h2 id="samples-title">{t("training.samples")}</h2>
      <p class="hint">
        {t("training.samplesAbout")} {isRunning && t("training.samplesFollow")}
      </p>
      <SampleSheets
        sheets={sheets}
        tile={layout.tile}
        columns={layout.columns}
        count={layout.count}
        rowNames={layout.row_names}
        columnNames={layout.column_names}
        captionsName={layout.captions_name}
        view={view}
      />
    </section>
  );
}

/** Its step is marked in the training's charts. */
export const sheetOnShow = (stream: JobStream, view: View): LiveSheet | undefined => {
  const sheets = stream.sheets.value;
  return sheets[view.spot.value?.[0] ?? sheets.length - 1] ?? sheets[sheets.length - 1];
};
