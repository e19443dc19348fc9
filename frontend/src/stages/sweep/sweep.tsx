import { useMemo } from "preact/hooks";
import { FitPictures } from "../../components/sweeps/result/fit-pictures";
import { FitTable } from "../../components/sweeps/result/fit-table";
import { HeatMap } from "../../components/sweeps/result/heat-map";
import { ParallelLines } from "../../components/sweeps/result/parallel-lines";
import { SeedStrip } from "../../components/sweeps/result/seed-strip";
import { SettingPanel } from "../../components/sweeps/result/setting-panel";
import { Summary } from "../../components/sweeps/result/summary";
import { ValidationTest } from "../../components/sweeps/result/validation-test";
import { loadTopic, t } from "../../i18n";
import type { StageProps } from "../props";
import type { SweepData } from "../shapes";
import { measuredFits, settingsOf } from "./analysis";
import { useNames } from "./names";
import "../../style/sweeps.css";

await loadTopic({ en: () => import("../../i18n/en/sweeps"), de: () => import("../../i18n/de/sweeps") });

/** The fits of a sweep: in words, by their params, by their seeds, and on the test data. */
export function Sweep({ data, view }: Pick<StageProps<SweepData>, "data" | "view">) {
  const settings = useMemo(() => settingsOf(data), [data]);
  const names = useNames(data);
  const chosen = settings[view.chosen.value ?? -1];
  const shared = { data, settings, names };
  return (
    <div class="stage-main sweep">
      <Summary {...shared} />
      <section>
        <h3>{t("sweep.map")}</h3>
        <HeatMap {...shared} view={view} />
        {chosen && <SettingPanel data={data} setting={chosen} names={names} />}
      </section>
      {data.samples && (
        <section>
          <h3>{t("sweep.pictures")}</h3>
          <FitPictures data={data} names={names} />
        </section>
      )}
      {settings.length > 1 && settings.some(({ value }) => value && value.count > 1) && (
        <section>
          <h3>{t("sweep.strip")}</h3>
          <p class="hint">{t("sweep.stripAbout")}</p>
          <SeedStrip {...shared} view={view} />
        </section>
      )}
      {data.axes.length > 1 && settings.some(({ value }) => value) && (
        <section>
          <h3>{t("sweep.parallel")}</h3>
          <p class="hint">{t("sweep.parallelAbout")}</p>
          <ParallelLines {...shared} view={view} />
        </section>
      )}
      {measuredFits(data.cells).length > 1 && (
        <section>
          <h3>{t("sweep.scatter")}</h3>
          <p class="hint">{t("sweep.scatterAbout")}</p>
          <ValidationTest data={data} names={names} />
        </section>
      )}
      <section>
        <h3>{t("sweep.fits")}</h3>
        <FitTable data={data} names={names} />
      </section>
    </div>
  );
}
