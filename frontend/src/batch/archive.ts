import { api } from "../api/client";
import type { Artifact, Job } from "../api/types";
import type { BatchItem } from "./batch";
import { distinct, endingOf, stemOf } from "./names";
import { type ZipEntry, zip } from "./zip";

/** The answer itself: the first file that is no preview of another. */
export const outputOf = (job: Job | null): Artifact | null =>
  job?.artifacts.find(({ name }) => !name.startsWith("preview")) ?? null;

/** What each item's output is called in the archive, after its upload; null where there is none. */
export function outputNames(items: BatchItem[]): (string | null)[] {
  const outputs = items.map(({ job }) => outputOf(job));
  const names = items.map(({ name }, index) => {
    const output = outputs[index];
    return output ? `${stemOf(name)}${endingOf(output.name)}` : "";
  });
  const unique = distinct(["results.json", ...names.filter(Boolean)]).slice(1);
  return names.map((name) => (name ? (unique.shift() ?? null) : null));
}

/** Every output and the results as JSON. `onStep` hears how many files are in. */
export function archive(items: BatchItem[], onStep: (count: number) => void): Promise<Blob> {
  const names = outputNames(items);
  const results = items.map(({ name, job, problem }, index) => ({
    upload: name,
    output: names[index],
    job: job?.id ?? null,
    status: job?.status ?? "refused",
    error: job?.error ?? problem,
    model: job?.model && `${job.model.name}@${job.model.version}`,
    params: job?.params ?? null,
    result: job?.result ?? null,
  }));
  async function* entries(): AsyncGenerator<ZipEntry> {
    let count = 0;
    for (const [index, { job }] of items.entries()) {
      const [output, name] = [outputOf(job), names[index]];
      if (!output || !name) continue;
      yield { name, data: await api.file(output.url) };
      onStep(++count);
    }
    const text = JSON.stringify(results, null, 2);
    yield { name: "results.json", data: new Blob([text], { type: "application/json" }) };
  }
  return zip(entries());
}
