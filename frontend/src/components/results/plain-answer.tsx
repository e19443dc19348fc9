import { Fragment } from "preact";
import { jobAddress } from "../../api/addresses";
import { api } from "../../api/client";
import { decoded } from "../../api/connection";
import type { Job } from "../../api/types";
import { formatNumber, t } from "../../i18n";
import { type PlainAnswer, plainAnswer, pngSize, type Size } from "../../stages/plain-answers";
import type { PictureSource } from "../pictures/source";
import type { Cell } from "../tables/csv";
import { DataTable } from "../tables/data-table";

/** An answer made of the job's result and files; null: it has nothing to draw. */
export const makePlain = (job: Job, picture: PictureSource | null): Promise<PlainAnswer | null> =>
  plainAnswer(job, picture, sizeOf);

/** Of a PNG, which may be large, only the header is loaded for it. */
async function sizeOf(url: string): Promise<Size | null> {
  try {
    const start = await api.startOf(url);
    const size = start && pngSize(start);
    if (size) return size;
    const { naturalWidth, naturalHeight } = await decoded(url);
    return { width: naturalWidth, height: naturalHeight };
  } catch {
    return null; // the file is deleted, or no picture that this browser knows
  }
}

const isPlain = (value: unknown): value is Cell => value === null || typeof value !== "object";

/** An answer that is neither picture nor stage: the values of its result, or a link to the page of its sweep. */
export function PlainValues({ job }: { job: Job }) {
  if (job.task === "sweep")
    return (
      <p class="stage-main">
        <a class="button" href={jobAddress(job)}>
          {t("jobs.sweep", { name: job.name })}
        </a>
      </p>
    );
  const values = Object.entries(job.result ?? {});
  if (values.length === 0)
    return <p class="stage-main empty">{t(job.artifacts.length > 0 ? "answer.files" : "answer.nothing")}</p>;
  return (
    <section class="stage-main" aria-labelledby="values-title">
      <h2 id="values-title">{t("answer.result")}</h2>
      <dl class="facts" lang="en">
        {values.map(([name, value]) => (
          <Fragment key={name}>
            <dt>{name}</dt>
            <dd>{written(name, value)}</dd>
          </Fragment>
        ))}
      </dl>
    </section>
  );
}

const MAX_VALUES = 200; // of a list; its file has all of them

function written(title: string, value: unknown) {
  if (isPlain(value)) return plainText(value);
  const entries = Object.entries(value as Record<string, unknown>);
  if (entries.length === 0) return plainText(null);
  if (Array.isArray(value) && value.every(isPlain)) {
    const texts = value.slice(0, MAX_VALUES).map(plainText);
    return (value.length > MAX_VALUES ? [...texts, "…"] : texts).join("; ");
  }
  if (entries.every(([, one]) => isRecord(one)))
    return <Records of={entries as [string, Row][]} title={Array.isArray(value) ? null : title} />;
  if (entries.every(([, one]) => isPlain(one)))
    return entries.map(([name, one]) => `${name} ${plainText(one as Cell)}`).join("; ");
  return <code>{JSON.stringify(value)}</code>;
}

function plainText(value: Cell): string {
  if (value === null) return "–";
  return typeof value === "number" ? formatNumber(value) : String(value);
}

type Row = Record<string, unknown>;

const isRecord = (value: unknown): value is Row => !isPlain(value) && !Array.isArray(value);

/** Records with the same fields, one a row; `title` heads the column of their names, where they have one. */
function Records({ of: records, title }: { of: [string, Row][]; title: string | null }) {
  const rows = records.map(([name, record]): Record<string, Cell> => {
    return title === null ? flat(record) : { [title]: name, ...flat(record) };
  });
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return (
    <DataTable
      columns={names.map((name) => ({ name }))}
      rows={rows.map((row) => names.map((name) => row[name] ?? null))}
    />
  );
}

/** The fields of a record, those of the records in it included: `centroid.size`. */
function flat(record: Row): Record<string, Cell> {
  const fields = Object.entries(record).flatMap(([name, value]): [string, Cell][] => {
    if (isRecord(value)) return Object.entries(flat(value)).map(([inner, one]) => [`${name}.${inner}`, one]);
    return [[name, isPlain(value) ? value : JSON.stringify(value)]];
  });
  return Object.fromEntries(fields);
}
