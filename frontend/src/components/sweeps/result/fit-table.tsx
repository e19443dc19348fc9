import { Download } from "lucide";
import { useState } from "preact/hooks";
import { formatDuration, t } from "../../../i18n";
import type { SweepData, SweepFit } from "../../../stages/shapes";
import type { Names } from "../../../stages/sweep/names";
import { Icon } from "../../controls/icon";
import { saveFile } from "../../controls/save-file";
import { StatusBadge } from "../../jobs/status-badge";
import { csvOf } from "../../tables/csv";
import { FitLink, FitMessage } from "./setting-panel";

const [ROWS, MORE] = [15, 100];

/** Every fit with its figures and the way to its page, the best first. */
export function FitTable({ data, names }: { data: SweepData; names: Names }) {
  const [limit, setLimit] = useState(ROWS);
  const fits = inOrder(data);
  const isValidation = data.part === "validation";
  const hasTest = isValidation && data.cells.some(({ test }) => test !== null);
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table is scrolled by keys too */}
      <div class="scroller" role="group" aria-label={t("sweep.fits")} tabIndex={0}>
        <table>
          <caption class="visually-hidden">{t("sweep.fits")}</caption>
          <thead>
            <tr>
              <th scope="col">{t("sweep.fitColumn")}</th>
              {data.axes.map((axis) => (
                <th key={axis.param} scope="col">
                  {names.axis(axis)}
                </th>
              ))}
              <th scope="col" class="is-number">
                {isValidation ? t("sweep.validationFigure", { figure: names.figure }) : names.figure}
              </th>
              {hasTest && (
                <th scope="col" class="is-number">
                  {t("sweep.testFigure", { figure: names.figure })}
                </th>
              )}
              <th scope="col" class="is-number">
                {t("jobs.took")}
              </th>
              <th scope="col">{t("jobs.status")}</th>
            </tr>
          </thead>
          <tbody>
            {fits.slice(0, limit).map((fit) => (
              <tr key={fit.cell}>
                <td>
                  <FitLink fit={fit} of={data.of} />
                </td>
                {data.axes.map((axis) => (
                  <td key={axis.param}>{names.value(axis, fit.values[axis.param] ?? null)}</td>
                ))}
                <td class="is-number">{names.written(fit.value)}</td>
                {hasTest && <td class="is-number">{names.written(fit.test)}</td>}
                <td class="is-number">{fit.seconds === null ? "–" : formatDuration(fit.seconds)}</td>
                <td>
                  <StatusBadge status={fit.status} /> <FitMessage fit={fit} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div class="with-button table-foot">
        {limit < fits.length && (
          <button type="button" class="button is-small" onClick={() => setLimit(limit + MORE)}>
            {t("jobs.more")}
          </button>
        )}
        <button type="button" class="button is-quiet is-small" onClick={() => save(data, fits)}>
          <Icon of={Download} />
          CSV
        </button>
      </div>
    </>
  );
}

/** The best first, then those without a figure. */
function inOrder({ cells, greater_is_better }: SweepData): SweepFit[] {
  const worst = Number.NEGATIVE_INFINITY;
  const rank = ({ value }: SweepFit) => (value === null ? worst : greater_is_better ? value : -value);
  return [...cells].sort((one, other) => (rank(one) === rank(other) ? 0 : rank(other) - rank(one)));
}

function save(data: SweepData, fits: SweepFit[]) {
  const metrics = [...new Set(fits.flatMap((fit) => Object.keys(fit.metrics)))];
  const columns = [
    "cell",
    ...data.axes.map(({ param }) => param),
    "seed",
    "status",
    "validation",
    "test",
    "seconds",
    ...metrics,
    "message",
  ];
  const rows = fits.map((fit) => [
    fit.cell,
    ...data.axes.map(({ param }) => {
      const value = fit.values[param] ?? null;
      return typeof value === "object" && value !== null ? JSON.stringify(value) : value;
    }),
    fit.seed,
    fit.status,
    fit.validation,
    fit.test,
    fit.seconds,
    ...metrics.map((name) => fit.metrics[name] ?? null),
    fit.message ?? null,
  ]);
  saveFile(new Blob([csvOf(columns, rows)], { type: "text/csv" }), "sweep.csv");
}
