import { Fragment } from "preact";
import type { Job } from "../../api/types";
import { formatNumber, t } from "../../i18n";
import { type PlainAnswer, plainAnswer, pngSize, type Size } from "../../stages/plain-answers";
import type { PictureSource } from "../pictures/source";

/** An answer made of the job's result and files; null: it has nothing to draw. */
export const makePlain = (job: Job, picture: PictureSource | null): Promise<PlainAnswer | null> =>
  plainAnswer(job, picture, sizeOf);

/** Of a PNG, which may be large, only the header is loaded for it. */
async function sizeOf(url: string): Promise<Size | null> {
  try {
    const reader = (await fetch(url)).body?.getReader();
    const first = await reader?.read();
    void reader?.cancel();
    const size = first?.value && pngSize(first.value);
    if (size) return size;
    const image = new Image();
    image.src = url;
    await image.decode();
    return { width: image.naturalWidth, height: image.naturalHeight };
  } catch {
    return null; // the file is deleted, or no picture that this browser knows
  }
}

const isPlain = (value: unknown): value is number | string | boolean | null =>
  value === null || typeof value !== "object";

/** An answer that is neither picture nor stage: the values of its result. */
export function PlainValues({ job }: { job: Job }) {
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
            <dd>{written(value)}</dd>
          </Fragment>
        ))}
      </dl>
    </section>
  );
}

function written(value: unknown) {
  if (typeof value === "number") return formatNumber(value);
  if (isPlain(value)) return String(value);
  if (Array.isArray(value) && value.every(isPlain))
    return value.map((one) => (typeof one === "number" ? formatNumber(one) : String(one))).join("; ");
  return <code>{JSON.stringify(value)}</code>;
}
