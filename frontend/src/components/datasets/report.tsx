import { CircleAlert, Download, Info, TriangleAlert } from "lucide";
import { useState } from "preact/hooks";
import { datasets, type ExportForm } from "../../api/datasets";
import { useResource } from "../../api/resource";
import type { Dataset, DatasetProblem, DatasetReport, DatasetVersion, Split } from "../../api/types";
import { formatBytes, formatTime, message, t } from "../../i18n";
import { Icon } from "../controls/icon";
import { Thumbnail } from "../pictures/thumbnail";
import { DataTable } from "../tables/data-table";

const SPLITS: Split[] = ["train", "validation", "test"];
const FORM_NAMES: Record<ExportForm, string> = { coco: "COCO", yolo: "YOLO", glassbox: "Glassbox" };

interface VersionReportProps {
  dataset: Dataset;
  version: DatasetVersion;
}

/** One version: its numbers, the problems with the pictures behind them, its hash, and its exports. */
export function VersionReport({ dataset, version: { version, report, ...facts } }: VersionReportProps) {
  const { counts, splits, sizes } = report;
  const forms: ExportForm[] = ["boxes", "masks"].includes(dataset.kind)
    ? ["coco", "yolo", "glassbox"]
    : ["glassbox"];
  const sizeText = (name: "min" | "median" | "max") => sizes?.[name].join(" × ") ?? "";
  const hasSplits = SPLITS.some((split) => splits?.[split]);
  return (
    <div class="report">
      <h3>{t("versions.title", { n: version })}</h3>
      {dataset.kind !== "table" && (
        <dl class="figures">
          <div>
            <dt>{t("dataset.tab.pictures")}</dt>
            <dd>{counts.pictures}</dd>
          </div>
          {hasSplits &&
            SPLITS.map((split) => (
              <div key={split}>
                <dt>{t(`split.${split}`)}</dt>
                <dd>{splits[split]}</dd>
              </div>
            ))}
          {counts.objects > 0 && (
            <div>
              <dt>{t("versions.objects")}</dt>
              <dd>{counts.objects}</dd>
            </div>
          )}
        </dl>
      )}
      <Problems dataset={dataset} problems={report.problems} />
      {report.classes.length > 0 && <PerClass dataset={dataset} report={report} />}
      <dl class="facts">
        {sizes && (
          <>
            <dt>{t("versions.sizes")}</dt>
            <dd>
              {t("versions.sizeRange", {
                min: sizeText("min"),
                median: sizeText("median"),
                max: sizeText("max"),
              })}
            </dd>
          </>
        )}
        <dt>{t("versions.created")}</dt>
        <dd>
          {formatTime(facts.created_at)}, {formatBytes(facts.bytes)}
        </dd>
        <dt>{t("versions.hash")}</dt>
        <dd>
          <code>{facts.sha256}</code>
        </dd>
      </dl>
      <div class="actions">
        {dataset.kind !== "table" && (
          <>
            <strong>{t("versions.export")}</strong>
            {forms.map((form) => (
              <a
                key={form}
                class="button is-small"
                href={datasets.exportUrl(dataset.id, version, form)}
                download
              >
                <Icon of={Download} size={16} />
                {FORM_NAMES[form]}
              </a>
            ))}
          </>
        )}
        <a class="button is-small" href={`/datasets/${dataset.id}?tab=train`}>
          {t("versions.trainOn")}
        </a>
      </div>
    </div>
  );
}

function PerClass({ dataset, report: { classes } }: { dataset: Dataset; report: DatasetReport }) {
  const hasObjects = dataset.kind !== "classes";
  const columns = [
    { name: t("versions.class") },
    ...(hasObjects ? [{ name: t("versions.objects") }] : []),
    { name: t("dataset.tab.pictures") },
    ...SPLITS.map((split) => ({ name: t(`split.${split}`) })),
  ];
  const rows = classes.map((one) => [
    one.name,
    ...(hasObjects ? [one.objects] : []),
    one.pictures,
    ...SPLITS.map((split) => one[split]),
  ]);
  return <DataTable caption={t("versions.perClass")} columns={columns} rows={rows} />;
}

const ICONS = { error: CircleAlert, warning: TriangleAlert, note: Info };

function Problems({ dataset, problems }: { dataset: Dataset; problems: DatasetProblem[] }) {
  if (problems.length === 0) return <p class="is-fine">{t("versions.noProblems")}</p>;
  return (
    <section aria-labelledby="problems-title" class="problems">
      <h4 id="problems-title">{t("versions.problems")}</h4>
      <ul>
        {problems.map((problem) => {
          const text = message(problem.parts, problem.message);
          return (
            <li key={`${problem.code} ${problem.message}`} class={`problem is-${problem.severity}`}>
              <Icon of={ICONS[problem.severity]} />
              <div>
                <p>
                  <strong>{t(`severity.${problem.severity}`)}:</strong>{" "}
                  <span lang={text.lang}>{text.text}</span>
                </p>
                {problem.files.length > 0 && <ProblemFiles dataset={dataset} problem={problem} />}
              </div>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

const PAIR = / [=≈] /; // between a copy and its original

/** The pictures behind a problem, loaded when they are opened. */
function ProblemFiles({ dataset, problem: { files, count } }: { dataset: Dataset; problem: DatasetProblem }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        {count > files.length
          ? t("versions.filesOf", { n: files.length, total: count })
          : t("versions.files", { n: files.length })}
      </summary>
      {isOpen && (
        <ul class="problem-files">
          {files.map((file) => (
            <li key={file}>
              {file.split(PAIR).map((one) => (
                <ProblemFile key={one} dataset={dataset} file={one} />
              ))}
            </li>
          ))}
        </ul>
      )}
    </details>
  );
}

/** Files of a report are named as the pictures are; one that was deleted since has only its name. */
function ProblemFile({ dataset, file }: { dataset: Dataset; file: string }) {
  const found = useResource(`${dataset.id} ${file}`, async (signal) => {
    const { items } = await datasets.pictures(dataset.id, { name: file, limit: "5" }, signal);
    return items.find(({ name }) => name === file) ?? null;
  });
  const picture = found.data;
  if (!picture) return <span>{file}</span>;
  return (
    <a href={`/datasets/${dataset.id}/label?picture=${picture.id}`}>
      <Thumbnail url={picture.thumbnail_url} whole={picture.picture_url ?? picture.url} />
      <span>{file}</span>
    </a>
  );
}
