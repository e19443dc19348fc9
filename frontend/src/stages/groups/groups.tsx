import { useRef, useState } from "preact/hooks";
import { Behind } from "../../components/audits/behind";
import { Thresholds } from "../../components/audits/thresholds";
import { Explained } from "../../components/glossary/explained";
import { Notes } from "../../components/results/notes";
import { StageHead } from "../../components/results/stage-head";
import { DataTable } from "../../components/tables/data-table";
import { formatFigure, formatNumber, loadTopic, t } from "../../i18n";
import type { StageProps } from "../props";
import type { GroupsData, MeasuredShare } from "../shapes";
import { extentOf, gapOf, sharesOf } from "./measures";
import "../../style/groups.css";

await loadTopic({ en: () => import("../../i18n/en/groups"), de: () => import("../../i18n/de/groups") });

/** Measures of groups as bars with intervals, the gaps between them, and the examples behind each bar. */
export function Groups({ data, about, part }: StageProps<GroupsData>) {
  const [steps, setSteps] = useState<number[] | null>(null); // null: the job's threshold
  const [opened, setOpened] = useState<string | null>(null); // the group whose examples are on show
  const behind = useRef<HTMLDivElement>(null);
  const open = (group: string) => {
    setOpened(group);
    requestAnimationFrame(() => {
      behind.current?.scrollIntoView({ block: "nearest" });
      behind.current?.querySelector<HTMLElement>("select")?.focus();
    });
  };
  return (
    <div class="stage-main">
      <StageHead about={about} part={part} />
      <Notes of={data.notes} />
      {data.thresholds && part !== "sample" && <Thresholds data={data} steps={steps} onMove={setSteps} />}
      <div class="measures">
        {data.measures.map((measure) => (
          <Measure
            key={measure.id}
            data={data}
            measure={measure}
            steps={steps}
            onOpen={part === "sample" ? null : open}
          />
        ))}
      </div>
      {part !== "sample" && (
        <>
          <Behind data={data} opened={opened} onOpen={setOpened} place={behind} />
          <AsTable data={data} steps={steps} />
        </>
      )}
    </div>
  );
}

type MeasureOf = GroupsData["measures"][number];

interface MeasureProps {
  data: GroupsData;
  measure: MeasureOf;
  steps: number[] | null;
  onOpen: ((group: string) => void) | null; // shows what is behind a bar
}

/** One measure: a bar for each group, and the gap. */
function Measure({ data, measure, steps, onOpen }: MeasureProps) {
  const shares = sharesOf(data, measure.id, steps);
  const extent = measure.scale === "number" ? extentOf(shares) : ([0, 1] as const);
  const overall = steps ? undefined : data.overall?.[measure.id];
  return (
    <section class="measure">
      <h3>
        <Explained text={measure.name} />
      </h3>
      <p class="hint">{measure.about}</p>
      <ul class="plain-list group-bars">
        {data.groups.map(({ name }, index) => (
          <li key={name} class={shares[index].rows < data.least ? "is-few" : ""}>
            {onOpen ? (
              <button
                type="button"
                class="link"
                aria-label={t("groups.show", { group: name })}
                onClick={() => onOpen(name)}
              >
                {name}
              </button>
            ) : (
              <span>{name}</span>
            )}
            <span>{written(shares[index], measure, data.least)}</span>
            <Bar share={shares[index]} extent={extent} />
          </li>
        ))}
      </ul>
      {overall?.value != null && (
        <p class="hint">{t("groups.overall", { value: written(overall, measure, 0) })}</p>
      )}
      <p class="gap">{gapText(data, measure, shares, steps)}</p>
    </section>
  );
}

interface BarProps {
  share: MeasuredShare;
  extent: readonly [number, number];
}

/** From 0 to the value, with its interval. */
function Bar({ share: { value, low, high }, extent: [from, to] }: BarProps) {
  if (value === null) return null;
  const at = (one: number) => (100 * (one - from)) / (to - from || 1);
  const between = (one: number, other: number) => ({
    insetInlineStart: `${at(Math.min(one, other))}%`,
    inlineSize: `${Math.abs(at(other) - at(one))}%`,
  });
  return (
    <span class="group-bar" aria-hidden="true">
      <span class="bar" style={{ ...between(0, value), position: "relative" }} />
      {low !== null && high !== null && <i style={between(low, high)} />}
    </span>
  );
}

const percent = (value: number) =>
  formatNumber(value, { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });

const withUnit = (value: number, unit = "") => `${formatFigure(value)}${unit && ` ${unit}`}`;

function written(share: MeasuredShare, { scale, unit }: MeasureOf, least: number): string {
  const { value, low, high, hits, rows } = share;
  if (value === null || low === null || high === null) return t("groups.none");
  const text =
    scale === "number" || hits === null
      ? t("groups.value", { value: withUnit(value, unit), low: withUnit(low), high: withUnit(high), rows })
      : t("groups.share", { share: percent(value), low: percent(low), high: percent(high), hits, rows });
  return rows < least ? `${text} · ${t("groups.few")}` : text;
}

/** The gap as the server found it, with its interval; at moved thresholds only the difference. */
function gapText(
  data: GroupsData,
  { id, scale, unit }: MeasureOf,
  shares: MeasuredShare[],
  steps: number[] | null,
): string {
  const isNumber = scale === "number";
  const points = (value: number) =>
    isNumber ? withUnit(value) : formatNumber(100 * value, { maximumFractionDigits: 1 });
  const inUnit = (value: number) =>
    isNumber ? withUnit(value, unit) : t("groups.points", { n: points(value) });
  const found = data.gaps.find(({ measure }) => measure === id);
  if (!steps && found) {
    const { highest, lowest, difference, low, high, is_distinct } = found;
    const values = { highest, lowest, gap: inUnit(difference), low: points(low), high: points(high) };
    return t(is_distinct ? "groups.distinct" : "groups.byChance", values);
  }
  const gap = gapOf(shares, data.least);
  if (!gap) return t("groups.noGap", { n: data.least });
  const [highest, lowest] = [data.groups[gap.highest].name, data.groups[gap.lowest].name];
  return t("groups.gap", { highest, lowest, gap: inUnit(gap.difference) });
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
