import { useMemo } from "preact/hooks";
import { formatNumber, formatPercent, t } from "../../i18n";
import type { Measured } from "../../networks/gan2d/simulation";
import { LineChart, type Series } from "../charts/line-chart";

const DIGITS = { maximumFractionDigits: 3 };
const PLACES = 1e6; // more digits of a vanishing loss only fill the page

/** The latest numbers, which are all that the picture shows. */
export function Figures({ measured }: { measured: Measured }) {
  const figures: [string, string][] = [
    [t("gan.updates"), formatNumber(measured.update)],
    [t("gan.lossD"), formatNumber(measured.discriminator, DIGITS)],
    [t("gan.lossG"), formatNumber(measured.generator, DIGITS)],
    [t("gan.onReal"), formatNumber(measured.real, DIGITS)],
    [t("gan.onMade"), formatNumber(measured.fake, DIGITS)],
    [t("gan.covered"), formatPercent(measured.covered)],
  ];
  return (
    <dl class="gan-figures">
      {figures.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** The course of the training: losses, and verdicts with the share of modes. Each chart has its table. */
export function Course({ records }: { records: Measured[] }) {
  const [losses, verdicts] = useMemo(() => {
    const x = records.map(({ update }) => update);
    const series = (name: string, of: keyof Measured): Series => ({
      name,
      x,
      y: records.map(({ [of]: value }) =>
        Number.isFinite(value) ? Math.round(value * PLACES) / PLACES : null,
      ),
    });
    return [
      [series(t("gan.discriminator"), "discriminator"), series(t("gan.generator"), "generator")],
      [series(t("gan.onReal"), "real"), series(t("gan.onMade"), "fake"), series(t("gan.covered"), "covered")],
    ];
  }, [records]);
  return (
    <>
      <section class="card" aria-labelledby="losses-title">
        <h2 id="losses-title">{t("gan.losses")}</h2>
        <LineChart xLabel={t("gan.update")} yLabel={t("training.loss")} series={losses} />
      </section>
      <section class="card" aria-labelledby="verdicts-title">
        <h2 id="verdicts-title">{t("gan.verdicts")}</h2>
        <LineChart xLabel={t("gan.update")} yLabel={t("gan.share")} series={verdicts} />
      </section>
    </>
  );
}
