import { useEffect, useState } from "preact/hooks";
import { noteActivity } from "../../api/activity";
import { ApiError, api } from "../../api/client";
import { JobStream } from "../../api/job-stream";
import { type Capability, isFinal, type Job } from "../../api/types";
import { FileDrop } from "../../form/file-drop";
import { isSample, onlyInput } from "../../form/inputs";
import { label, t } from "../../i18n";
import { compareAddress } from "../runs/selection";
import { errorText } from "../shell/problem-texts";
import { Answers } from "./answers";
import type { Item } from "./items";
import { ComparedStages } from "./stages";

interface SameInputProps {
  items: Item[]; // models of the capability
  capability: Capability;
}

/** A sample or a file that every model answers, and the answers side by side. */
export function SameInput({ items, capability }: SameInputProps) {
  const [jobs, setJobs] = useState<Job[]>([]);
  const [chosen, setChosen] = useState<Record<string, string>>({});
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const ids = jobs.map(({ id }) => id).join(" ");
  const input = onlyInput(capability);

  useEffect(() => {
    const streams = jobs.filter(({ status }) => !isFinal(status)).map(({ id }) => new JobStream(id, false));
    const stops = streams.map((stream) =>
      stream.job.subscribe((job) => {
        if (job) setJobs((all) => all.map((one) => (one.id === job.id ? job : one)));
      }),
    );
    for (const stream of streams) void stream.start();
    return () => {
      for (const stop of stops) stop();
      for (const stream of streams) stream.stop();
    };
  }, [ids]);

  const attempt = async (inputsOf: () => Promise<Record<string, string>>) => {
    setBusy(true);
    setProblem(null);
    try {
      const inputs = await inputsOf();
      setChosen(inputs);
      const made = items.map(({ model }) =>
        api.createJob({
          capability: capability.name,
          task: "predict",
          inputs,
          model: `${model?.name}@${model?.version}`,
        }),
      );
      setJobs(await Promise.all(made));
      noteActivity();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setProblem(errorText(error));
    } finally {
      setBusy(false);
    }
  };
  const answers = jobs.map((job, index): Item => ({ ...items[index], kind: "result", job }));
  const isDone = jobs.length > 0 && jobs.every(({ status }) => isFinal(status));
  return (
    <>
      <section class="card" aria-labelledby="versus-try">
        <header class="card-head">
          <h2 id="versus-try">{t("comparison.tryBoth")}</h2>
          <p class="hint">{t("comparison.tryBothHint")}</p>
        </header>
        <ul class="samples" aria-label={t("bench.samples")}>
          {capability.samples.map((sample) => {
            const title = label(`${capability.name}.samples.${sample.name}.title`, sample.title);
            return (
              <li key={sample.name}>
                <button
                  type="button"
                  disabled={isBusy}
                  aria-current={isSample(sample, chosen) ? "true" : undefined}
                  title={`${title.text}: ${sample.credit}, ${sample.license}`}
                  onClick={() => attempt(async () => sample.inputs as Record<string, string>)}
                >
                  {sample.width === null ? (
                    <span lang={title.lang}>{title.text}</span>
                  ) : (
                    <img src={sample.url ?? ""} alt={title.text} loading="lazy" />
                  )}
                </button>
              </li>
            );
          })}
        </ul>
        {input && (
          <FileDrop
            accepts={input.kind}
            isSingle
            isBusy={isBusy}
            error={null}
            onFiles={([file]) => attempt(async () => ({ [input.name]: (await api.createUpload(file)).id }))}
            onRefuse={setProblem}
          />
        )}
        {problem && (
          <p class="error" role="alert">
            {problem}
          </p>
        )}
        {isDone && (
          <div class="actions">
            <a class="button" href={compareAddress(jobs.map(({ id }) => id))}>
              {t("comparison.asResults")}
            </a>
          </div>
        )}
      </section>
      {jobs.length > 0 && <Answers key={ids} items={answers} />}
      {isDone && jobs.every(({ status }) => status === "succeeded") && (
        <ComparedStages key={`${ids} stages`} items={answers} />
      )}
    </>
  );
}
