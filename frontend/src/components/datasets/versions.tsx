import { useId, useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import { noteActivity } from "../../api/activity";
import { datasets, type VersionOptions } from "../../api/datasets";
import { useResource } from "../../api/resource";
import type { Dataset, DatasetVersion } from "../../api/types";
import { formatPercent, t } from "../../i18n";
import { onSubmit, useAction } from "../controls/action";
import { Problem } from "../controls/problem";
import { Slider } from "../controls/slider";
import { Notice } from "../shell/notice";
import { CheckProgress } from "./check-progress";
import { VersionReport } from "./report";

const DEFAULTS: VersionOptions = { validation_share: 0.15, test_share: 0.15, seed: 0, keep_splits: true };
const MOST_SHARE = 0.5;
const LEAST_TRAIN = 0.1;

interface VersionsProps {
  dataset: Dataset;
  onChange: () => void;
}

/** The frozen states of a dataset with their checks, and the way to a new one. */
export function Versions({ dataset, onChange }: VersionsProps) {
  const { query, route } = useLocation();
  const versions = useResource(`${dataset.id} ${dataset.newest_version}`, (signal) =>
    datasets.versions(dataset.id, signal),
  );
  const [job, setJob] = useState<string | null>(null);
  const [note, setNote] = useState<string | null>(null);
  const check = job ?? dataset.job_id; // one that another page or tab has started is shown too
  const items = versions.data?.items ?? [];
  const shown = items.find(({ version }) => String(version) === query.version) ?? items[0];
  const goTo = (version: number) => route(`/datasets/${dataset.id}?tab=versions&version=${version}`, true);
  const freeze = async (options: VersionOptions) => {
    setNote(null);
    const made = await datasets.freeze(dataset.id, options);
    if ("version" in made) {
      setNote(t("versions.same", { n: made.version }));
      return goTo(made.version);
    }
    noteActivity();
    setJob(made.id);
  };
  const end = () => {
    onChange();
    versions.reload();
    noteActivity();
  };
  return (
    <div class="versions">
      <section class="card" aria-labelledby="make-title">
        <h2 id="make-title">{t("versions.make")}</h2>
        <p class="hint">{t("versions.lead")}</p>
        {dataset.kind === "table" ? (
          <FreezeTable onFreeze={freeze} />
        ) : (
          <VersionForm isEmpty={dataset.pictures === 0} onFreeze={freeze} />
        )}
        {note && <p role="status">{note}</p>}
        {check && (
          <CheckProgress
            key={check}
            id={check}
            failed={t("versions.failed")}
            canceled={t("versions.canceled")}
            onEnd={end}
          />
        )}
      </section>
      <section class="card" aria-labelledby="versions-title">
        <h2 id="versions-title">{t("dataset.tab.versions")}</h2>
        {versions.error && <Notice error={versions.error} onRetry={versions.reload} />}
        {items.length === 0 && versions.data && <p class="empty">{t("versions.none")}</p>}
        {items.length > 1 && <VersionLinks items={items} shown={shown} onChoose={goTo} />}
        {shown && <VersionReport key={shown.version} dataset={dataset} version={shown} />}
      </section>
    </div>
  );
}

interface VersionLinksProps {
  items: DatasetVersion[];
  shown: DatasetVersion;
  onChoose: (version: number) => void;
}

function VersionLinks({ items, shown, onChoose }: VersionLinksProps) {
  const id = useId();
  return (
    <div class="field is-inline">
      <label for={id}>{t("choice.version")}</label>
      <select id={id} value={shown.version} onChange={(event) => onChoose(Number(event.currentTarget.value))}>
        {items.map(({ version }) => (
          <option key={version} value={version}>
            {t("versions.title", { n: version })}
          </option>
        ))}
      </select>
    </div>
  );
}

interface FreezeProps {
  onFreeze: (options: VersionOptions) => Promise<unknown>;
}

function FreezeTable({ onFreeze }: FreezeProps) {
  const { isBusy, problem, run } = useAction();
  return (
    <>
      <Problem text={problem} />
      <button
        type="button"
        class="button is-primary"
        disabled={isBusy}
        onClick={() => run(() => onFreeze(DEFAULTS))}
      >
        {t("versions.make")}
      </button>
    </>
  );
}

function VersionForm({ isEmpty, onFreeze }: FreezeProps & { isEmpty: boolean }) {
  const id = useId();
  const [options, setOptions] = useState(DEFAULTS);
  const { isBusy, problem, run } = useAction();
  const [isTooLittle, setTooLittle] = useState(false);
  const { validation_share, test_share } = options;
  const train = 1 - validation_share - test_share;
  const set = (part: Partial<VersionOptions>) => setOptions({ ...options, ...part });
  const submit = onSubmit(async () => {
    setTooLittle(train < LEAST_TRAIN);
    if (train >= LEAST_TRAIN) await run(() => onFreeze(options));
  });
  const share = (name: "validation_share" | "test_share", title: string) => (
    <Slider
      title={title}
      value={Math.round(options[name] * 100)}
      max={100 * MOST_SHARE}
      valueText={formatPercent(options[name])}
      onInput={(percent) => set({ [name]: percent / 100 })}
    />
  );
  return (
    <form class="dataset-form" onSubmit={submit}>
      {share("validation_share", t("versions.validation"))}
      {share("test_share", t("versions.test"))}
      <p class="hint">{t("versions.train", { share: formatPercent(Math.max(train, 0)) })}</p>
      <div class="field is-inline">
        <label for={`${id}-seed`}>{t("versions.seed")}</label>
        <input
          id={`${id}-seed`}
          class="number-box"
          type="number"
          min={0}
          max={2 ** 31 - 1}
          step={1}
          value={options.seed}
          onChange={(event) => set({ seed: Math.max(Math.trunc(Number(event.currentTarget.value)) || 0, 0) })}
        />
      </div>
      <label class="field-check">
        <input
          type="checkbox"
          checked={options.keep_splits}
          onChange={(event) => set({ keep_splits: event.currentTarget.checked })}
        />
        {t("versions.keep")}
      </label>
      <Problem text={isTooLittle ? t("versions.shares") : problem} />
      <button type="submit" class="button is-primary" disabled={isBusy || isEmpty}>
        {t("versions.make")}
      </button>
    </form>
  );
}
