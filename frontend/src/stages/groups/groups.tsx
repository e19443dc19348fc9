import { useState } from "preact/hooks";
import { Choice } from "../../components/controls/choice";
import { Slider } from "../../components/controls/slider";
import { Explained } from "../../components/glossary/explained";
import { Notes } from "../../components/results/notes";
import { StageHead } from "../../components/results/stage-head";
import { DataTable } from "../../components/tables/data-table";
import { formatNumber, formatPercent, loadTopic, t } from "../../i18n";
import type { StageProps } from "../props";
import type { GroupsData, MeasuredShare } from "../shapes";
import { decidedRightly, gapOf, sharesOf } from "./measures";
import "../../style/groups.css";

await loadTopic({ en: () => import("../../i18n/en/groups"), de: () => import("../../i18n/de/groups") });

type Key = Parameters<typeof t>[0];

/** Measures of groups as bars with intervals, the gaps between them, and the rows behind each bar. */
export function Groups({ data, about, part }: StageProps<GroupsData>) {
  const [steps, setSteps] = useState<number[] | null>(null); // null: the job's threshold
  return (
    <div class="stage-main">
      <StageHead about={about} part={part} />
      <Notes of={data.notes} />
      {data.thresholds && part !== "sample" && <Thresholds data={data} steps={steps} onMove={setSteps} />}
      <div class="measures">
        {data.measures.map((measure) => (
          <Measure key={measure.id} data={data} measure={measure} steps={steps} />
        ))}
      </div>
      {part !== "sample" && (
        <>
          <Outcomes data={data} />
          <AsTable data={data} steps={steps} />
        </>
      )}
    </div>
  );
}

interface MeasureProps {
  data: GroupsData;
  measure: GroupsData["measures"][number];
  steps: number[] | null;
}

/** One measure: a bar for each group, and the gap. */
function Measure({ data, measure, steps }: MeasureProps) {
  const shares = sharesOf(data, measure.id, steps);
  return (
    <section class="measure">
      <h3>
        <Explained text={measure.name} />
      </h3>
      <p class="hint">{measure.about}</p>
      <ul class="plain-list group-bars">
        {data.groups.map(({ name }, index) => (
          <li key={name} class={shares[index].rows < data.least ? "is-few" : ""}>
            <span>{name}</span>
            <span>{written(shares[index], data.least)}</span>
            <Bar share={shares[index]} />
          </li>
        ))}
      </ul>
      <p class="gap">{gapText(data, measure.id, shares, steps)}</p>
    </section>
  );
}

function Bar({ share: { value, low, high } }: { share: MeasuredShare }) {
  if (value === null) return null;
  return (
    <span class="group-bar" aria-hidden="true">
      <span class="bar" style={{ inlineSize: `${100 * value}%` }} />
      {low !== null && high !== null && (
        <i style={{ insetInlineStart: `${100 * low}%`, inlineSize: `${100 * (high - low)}%` }} />
      )}
    </span>
  );
}

function written({ value, low, high, hits, rows }: MeasuredShare, least: number): string {
  if (value === null || low === null || high === null) return t("groups.none");
  const text = t("groups.share", {
    share: percent(value),
    low: percent(low),
    high: percent(high),
    hits,
    rows,
  });
  return rows < least ? `${text} · ${t("groups.few")}` : text;
}

const percent = (value: number) =>
  formatNumber(value, { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** The gap as the server found it, with its interval; at moved thresholds only the difference. */
function gapText(data: GroupsData, id: string, shares: MeasuredShare[], steps: number[] | null): string {
  const points = (value: number) => formatNumber(100 * value, { maximumFractionDigits: 1 });
  const found = data.gaps.find(({ measure }) => measure === id);
  if (!steps && found) {
    const { highest, lowest, difference, low, high, is_distinct } = found;
    const values = { highest, lowest, gap: points(difference), low: points(low), high: points(high) };
    return t(is_distinct ? "groups.distinct" : "groups.byChance", values);
  }
  const gap = gapOf(shares, data.least);
  if (!gap) return t("groups.noGap", { n: data.least });
  const [highest, lowest] = [data.groups[gap.highest].name, data.groups[gap.lowest].name];
  return t("groups.gap", { highest, lowest, gap: points(gap.difference) });
}

interface ThresholdsProps {
  data: GroupsData;
  steps: number[] | null;
  onMove: (steps: number[] | null) => void;
}

/** One threshold for all groups, or one for each; what it costs is the number of wrong decisions. */
function Thresholds({ data, steps, onMove }: ThresholdsProps) {
  const [isEach, setEach] = useState(false);
  const { thresholds, groups } = data;
  if (!thresholds) return null;
  const ofJob = groups.map(() => Math.round(thresholds.value * thresholds.steps));
  const now = steps ?? ofJob;
  const text = (step: number) => formatNumber(step / thresholds.steps, { minimumFractionDigits: 2 });
  const moved = decidedRightly(thresholds, now);
  const before = decidedRightly(thresholds, ofJob);
  const choose = (each: boolean) => {
    setEach(each);
    if (!each) onMove(now.map(() => now[0]));
  };
  return (
    <div class="thresholds" role="group" aria-label={t("groups.thresholds")}>
      <Choice
        legend={t("groups.thresholdsFor")}
        options={[{ name: t("groups.forAll") }, { name: t("groups.forEach") }]}
        chosen={isEach ? 1 : 0}
        onChoose={(index) => choose(index === 1)}
      />
      {isEach ? (
        groups.map(({ name }, index) => (
          <Slider
            key={name}
            title={name}
            value={now[index]}
            max={thresholds.steps}
            valueText={text(now[index])}
            onInput={(step) => onMove(now.map((own, group) => (group === index ? step : own)))}
          />
        ))
      ) : (
        <Slider
          title={t("groups.threshold")}
          value={now[0]}
          max={thresholds.steps}
          valueText={text(now[0])}
          onInput={(step) => onMove(now.map(() => step))}
        />
      )}
      <p role="status">
        {t("groups.right", {
          right: moved.right,
          rows: moved.rows,
          share: formatPercent(moved.right / Math.max(1, moved.rows)),
          before: before.right,
        })}
      </p>
      {steps && (
        <button type="button" class="button is-quiet is-small" onClick={() => onMove(null)}>
          {t("groups.reset")}
        </button>
      )}
    </div>
  );
}

/** The rows behind the bars, by decision and actual class, with the job's threshold. */
function Outcomes({ data }: { data: GroupsData }) {
  return (
    <details class="settings">
      <summary>
        <h3>{t("groups.behind")}</h3>
      </summary>
      {data.groups.map(({ name, outcomes }) => (
        <section key={name}>
          <h4>{name}</h4>
          <dl class="outcomes">
            {Object.entries(outcomes).map(([outcome, { count, rows }]) => (
              <div key={outcome}>
                <dt>
                  {t(`groups.${outcome}` as Key)}: {formatNumber(count)}
                </dt>
                <dd>
                  {rows.length > 0 && t("groups.rows", { rows: rows.join(", ") })}
                  {count > rows.length && "…"}
                </dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </details>
  );
}

function AsTable({ data, steps }: { data: GroupsData; steps: number[] | null }) {
  const columns = [
    { name: t("groups.group") },
    { name: t("groups.count") },
    ...data.measures.flatMap(({ name }) => [
      { name },
      { name: t("groups.from", { name }) },
      { name: t("groups.to", { name }) },
    ]),
  ];
  const rounded = (value: number | null) => (value === null ? null : Math.round(value * 1e4) / 1e4);
  const rows = data.groups.map(({ name, rows: count }, index) => [
    name,
    count,
    ...data.measures.flatMap(({ id }) => {
      const { value, low, high } = sharesOf(data, id, steps)[index];
      return [value, low, high].map(rounded);
    }),
  ]);
  return (
    <details class="settings">
      <summary>
        <h3>{t("groups.asTable")}</h3>
      </summary>
      <DataTable columns={columns} rows={rows} />
    </details>
  );
}
