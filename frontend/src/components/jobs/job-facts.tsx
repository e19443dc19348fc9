import type { Job } from "../../api/types";
import { hasDeletedInput } from "../../form/inputs";
import { formatDuration, formatTime, type Key, t } from "../../i18n";
import { JobSettings } from "./job-settings";

const STEPS = ["queued", "decode", "forward", "encode", "train", "store"] as const;

/** What the environment of a job names by a word; the rest are packages. */
const ENVIRONMENT: Record<string, Key> = { device: "facts.device", hardware: "facts.hardware" };

/** The timings of a job and everything needed to repeat it. */
export function JobFacts({ job }: { job: Job }) {
  const timings = STEPS.flatMap((name) => {
    const value = job.timings_ms[name];
    return value == null ? [] : [{ name, value }];
  });
  const longest = Math.max(...timings.map(({ value }) => value), 1);
  return (
    <section class="card" aria-labelledby="facts-title">
      <h2 id="facts-title">{t("facts.title")}</h2>
      <div class="two">
        {timings.length > 0 && (
          <table class="bars">
            <caption>{t("facts.timings")}</caption>
            <tbody>
              {timings.map(({ name, value }) => (
                <tr key={name}>
                  <th scope="row">{t(`timing.${name}` as Key)}</th>
                  <td>
                    <i class="bar" aria-hidden="true" style={{ inlineSize: `${(value / longest) * 100}%` }} />
                  </td>
                  <td class="is-number">{formatDuration(value / 1000)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        <dl class="facts">
          {job.model && (
            <Fact
              name={t("model.model")}
              value={`${job.model.name} ${t("model.version", { n: job.model.version })}`}
            />
          )}
          {job.dataset_id && (
            <>
              <dt>{t("facts.dataset")}</dt>
              <dd>
                <a href={`/datasets/${job.dataset_id}?tab=versions&version=${job.dataset_version}`}>
                  {t("model.version", { n: job.dataset_version ?? 0 })}
                </a>
              </dd>
            </>
          )}
          {job.parent_id && (
            <>
              <dt>{t("facts.sweep")}</dt>
              <dd>
                <a href={`/sweeps/${job.parent_id}`}>{t("facts.fit", { n: (job.cell ?? 0) + 1 })}</a>
              </dd>
            </>
          )}
          {hasDeletedInput(job) && <Fact name={t("facts.upload")} value={t("facts.uploadDeleted")} />}
          <Fact name={t("facts.created")} value={formatTime(job.created_at)} />
        </dl>
      </div>
      <JobSettings job={job} />
      <details class="facts-more">
        <summary>{t("facts.technical")}</summary>
        <dl class="facts">
          {job.seed !== null && <Fact name={t("facts.seed")} value={String(job.seed)} />}
          {Object.entries(job.environment).map(([name, value]) => (
            <Fact key={name} name={name in ENVIRONMENT ? t(ENVIRONMENT[name]) : name} value={value} />
          ))}
          {job.model?.digest && <Fact name={t("facts.digest")} value={job.model.digest} isCode />}
          <Fact name={t("job.id")} value={job.id} isCode />
        </dl>
      </details>
    </section>
  );
}

function Fact({ name, value, isCode }: { name: string; value: string; isCode?: boolean }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{isCode ? <code>{value}</code> : value}</dd>
    </>
  );
}
