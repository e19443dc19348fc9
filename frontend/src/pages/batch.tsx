import { FileArchive, X } from "lucide";
import { useEffect, useMemo, useState } from "preact/hooks";
import { useLocation, useRoute } from "preact-iso";
import { useCatalog } from "../api/catalog";
import { ApiError } from "../api/client";
import { isFinal, type MediaKind } from "../api/types";
import { archive, outputOf } from "../batch/archive";
import { type Batch, type BatchItem, openBatch, type Refusal } from "../batch/batch";
import { packIds, unpackIds } from "../batch/ids";
import { TooLarge } from "../batch/zip";
import { CopyButton } from "../components/controls/copy-button";
import { Icon } from "../components/controls/icon";
import { saveFile } from "../components/controls/save-file";
import { BatchCard } from "../components/jobs/batch-card";
import { Placeholder } from "../components/pictures/placeholder";
import { Notice } from "../components/shell/notice";
import { errorText } from "../components/shell/problem-texts";
import { useTitle } from "../components/shell/title";
import { FileDrop } from "../form/file-drop";
import { isBatchable, onlyInput } from "../form/inputs";
import { type Key, label, loadTopic, t } from "../i18n";
import { NotFound } from "./not-found";

await loadTopic({ en: () => import("../i18n/en/batch"), de: () => import("../i18n/de/batch") });

const MAX_FILES = 300; // as many ids fit into an address that every server on the way takes

/** What an address cannot hold stays in the browser's history: names as the reader had them, and refusals. */
interface Kept {
  names?: string[];
  refused?: Refusal[];
}

/** Several files, each a job of its own: all at a glance, and as one ZIP. */
export default function BatchPage() {
  const { params } = useRoute();
  const { items, error } = useCatalog();
  const capability = items?.find((item) => item.name === params.capability) ?? null;
  if (error && !items) return <Notice error={error} />;
  const input = capability && isBatchable(capability) ? onlyInput(capability) : null;
  if (items && !input) return <NotFound />;
  if (!capability || !input) return <Placeholder />;
  return (
    <BatchOf
      key={capability.name}
      name={capability.name}
      title={label(`${capability.name}.title`, capability.title).text}
      accepts={input.kind}
    />
  );
}

function useBatch(capability: string): Batch {
  const { query } = useLocation();
  const batch = useMemo(() => {
    const kept: Kept = history.state?.batch ?? {};
    return openBatch(capability, unpackIds(query.jobs ?? ""), kept.names ?? [], kept.refused ?? []);
  }, [capability]);
  const items = batch.items.value;
  useEffect(() => batch.watch(), [batch]);
  const ids = packIds(batch.jobIds);
  useEffect(() => {
    const kept: Kept = {
      names: items.filter(({ jobId }) => jobId).map(({ name }) => name),
      refused: items.flatMap(({ state, name, problem }) =>
        state === "refused" ? { name, problem: problem ?? "" } : [],
      ),
    };
    const address = `${location.pathname}${ids ? `?jobs=${ids}` : ""}`;
    history.replaceState({ ...history.state, batch: kept }, "", address);
  }, [ids, items.filter(({ state }) => state === "refused").length, batch.isSending]);
  useEffect(() => {
    if (!batch.isSending) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", warn);
    return () => removeEventListener("beforeunload", warn);
  }, [batch.isSending]);
  return batch;
}

interface BatchOfProps {
  name: string;
  title: string;
  accepts: MediaKind;
}

function BatchOf({ name, title, accepts }: BatchOfProps) {
  const batch = useBatch(name);
  const [refusal, setRefusal] = useState<string | null>(null);
  const items = batch.items.value;
  useTitle(t("batch.title", { name: title }));
  const add = (files: File[], refused: Refusal[]) => {
    const room = Math.max(MAX_FILES - items.length, 0);
    setRefusal(files.length > room ? t("batch.tooMany", { n: MAX_FILES }) : null);
    batch.add(files.slice(0, room), refused);
  };
  return (
    <>
      <header class="page-head is-split">
        <div>
          <h1>{t("batch.title", { name: title })}</h1>
          <Summary batch={batch} />
        </div>
        <Actions batch={batch} stem={name} />
      </header>
      {items.length === 0 && <p class="card empty">{t("batch.empty")}</p>}
      <ul class="batch" aria-label={t("batch.files")}>
        {items.map((item) => (
          <li key={item.key}>
            <BatchCard item={item} isPicture={accepts === "image"} onRetry={() => batch.retry(item)} />
          </li>
        ))}
      </ul>
      <section class="card" aria-labelledby="more-title">
        <h2 id="more-title">{t("batch.more")}</h2>
        <FileDrop accepts={accepts} isBusy={false} error={refusal} onFiles={add} onRefuse={setRefusal} />
        {batch.isSending && <p class="hint">{t("batch.stay")}</p>}
      </section>
    </>
  );
}

/** Where a file stands, as the summary counts it. */
function fate({ job, problem }: BatchItem): "left" | "done" | "failed" | "canceled" | "refused" {
  if (problem) return "refused";
  if (!job || !isFinal(job.status)) return "left";
  return job.status === "succeeded" ? "done" : job.status === "canceled" ? "canceled" : "failed";
}

function Summary({ batch }: { batch: Batch }) {
  const items = batch.items.value;
  const until = batch.pausedUntil.value;
  const count = (kind: string) => items.filter((item) => fate(item) === kind).length;
  const parts = (["left", "done", "failed", "canceled", "refused"] as const).flatMap((name) =>
    count(name) > 0 ? t(`batch.${name}` as Key, { n: count(name) }) : [],
  );
  return (
    <div class="batch-state">
      <progress
        class="progress"
        max={items.length || 1}
        value={items.length - count("left")}
        aria-label={t("state.progress")}
      />
      <p class="lead" role="status">
        {parts.join(", ")}
        {until !== null &&
          ` ${t("batch.paused", { n: Math.max(Math.ceil((until - Date.now()) / 1000), 1) })}`}
      </p>
    </div>
  );
}

function Actions({ batch, stem }: { batch: Batch; stem: string }) {
  const [progress, setProgress] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const items = batch.items.value;
  const done = items.filter((item) => fate(item) === "done");
  const total = done.filter(({ job }) => outputOf(job)).length;
  const isOpen = items.some((item) => fate(item) === "left");
  const save = async () => {
    setProblem(null);
    try {
      const made = await archive(items, (n) => setProgress(t("batch.zipping", { n, total })));
      saveFile(made, `${stem}.zip`);
    } catch (error) {
      if (error instanceof TooLarge) setProblem(t("batch.zipLarge"));
      else if (error instanceof ApiError) setProblem(errorText(error));
      else throw error;
    } finally {
      setProgress("");
    }
  };
  return (
    <div class="actions">
      <CopyButton text={() => location.href} title={t("action.copyLink")} isLink />
      {isOpen && (
        <button type="button" class="button" onClick={() => batch.cancelAll(t("batch.notSent"))}>
          <Icon of={X} />
          {t("batch.cancelAll")}
        </button>
      )}
      <button
        type="button"
        class="button is-primary"
        disabled={done.length === 0 || progress !== ""}
        onClick={save}
      >
        <Icon of={FileArchive} />
        {progress || t("batch.zip", { n: done.length })}
      </button>
      {problem && (
        <p class="error" role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}
