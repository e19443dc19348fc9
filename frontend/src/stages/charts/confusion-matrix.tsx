import { Download } from "lucide";
import { useRef } from "preact/hooks";
import { Icon } from "../../components/controls/icon";
import { saveFile } from "../../components/controls/save-file";
import { Explained } from "../../components/glossary/explained";
import { SavePicture } from "../../components/pictures/save-picture";
import { csvOf } from "../../components/tables/csv";
import { formatNumber, formatPercent, t } from "../../i18n";
import type { StageProps } from "../props";
import type { ConfusionMatrixData } from "../shapes";

const STRONGEST = 45; // percent of the accent color: text stays readable on it

/** Actual classes as rows, predicted classes as columns; recall and precision of each class at the sides. */
export function ConfusionMatrix({ data }: StageProps<ConfusionMatrixData>) {
  const place = useRef<HTMLDivElement>(null);
  const { labels, counts } = data;
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
  const predicted = labels.map((_, column) => sum(counts.map((row) => row[column])));
  const share = (part: number, whole: number) => (whole > 0 ? formatPercent(part / whole) : "–");
  const right = sum(labels.map((_, index) => counts[index][index]));
  const save = () =>
    saveFile(
      new Blob(
        [
          csvOf(
            [t("confusion.actual"), ...labels],
            counts.map((row, index) => [labels[index], ...row]),
          ),
        ],
        {
          type: "text/csv",
        },
      ),
      "confusion-matrix.csv",
    );
  return (
    <div class="stage-main">
      <div
        ref={place}
        class="scroller"
        role="group"
        aria-label={t("confusion.caption", { of: data.of })}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table is scrolled by keys too
        tabIndex={0}
      >
        <table class="confusion">
          <caption>
            {t("confusion.caption", { of: data.of })}{" "}
            {t("confusion.right", { n: right, total: data.total, share: share(right, data.total) })}
          </caption>
          <thead>
            <tr>
              <th scope="col">{t("confusion.corner")}</th>
              {labels.map((label) => (
                <th key={label} scope="col" class="is-number">
                  {label}
                </th>
              ))}
              <th scope="col" class="is-number">
                <Explained text={t("confusion.recall")} />
              </th>
            </tr>
          </thead>
          <tbody>
            {counts.map((row, index) => (
              <tr key={labels[index]}>
                <th scope="row">{labels[index]}</th>
                {row.map((count, column) => (
                  <td
                    key={labels[column]}
                    class={`is-number${index === column ? " is-right" : ""}`}
                    style={{ "--share": `${(STRONGEST * count) / (sum(row) || 1)}%` }}
                  >
                    {formatNumber(count)} {count > 0 && <small>{share(count, sum(row))}</small>}
                  </td>
                ))}
                <td class="is-number is-side">{share(row[index], sum(row))}</td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">
                <Explained text={t("confusion.precision")} />
              </th>
              {labels.map((label, index) => (
                <td key={label} class="is-number is-side">
                  {share(counts[index][index], predicted[index])}
                </td>
              ))}
              <td />
            </tr>
          </tfoot>
        </table>
      </div>
      <div class="actions">
        <button type="button" class="button is-quiet is-small" onClick={save}>
          <Icon of={Download} />
          CSV
        </button>
        <SavePicture of={place} name={t("confusion.caption", { of: data.of })} />
      </div>
    </div>
  );
}
