import type { RefObject } from "preact";
import { useId } from "preact/hooks";
import { formatNumber, type Key, messageOf, t } from "../../i18n";
import type { GroupOutcome, GroupsData } from "../../stages/shapes";
import { ExampleTile } from "./example-tile";

interface BehindProps {
  data: GroupsData;
  opened: string | null; // null: none, and the place is closed
  onOpen: (group: string | null) => void;
  place: RefObject<HTMLDivElement | null>;
}

/** The examples behind the bars of one group, by outcome, with the job's threshold. */
export function Behind({ data, opened, onOpen, place }: BehindProps) {
  const id = useId();
  const group = data.groups.find(({ name }) => name === opened) ?? data.groups[0];
  const outcomes = Object.entries(group?.outcomes ?? {});
  if (data.groups.every(({ outcomes: own }) => Object.keys(own).length === 0)) return null;
  const nameOf = (outcome: string, { name }: GroupOutcome) =>
    name ?? data.outcome_names?.[outcome] ?? messageOf(`groups.${outcome}` as Key) ?? outcome;
  return (
    <div ref={place} class="behind">
      <h3>{t("groups.behind")}</h3>
      <div class="field is-inline">
        <label for={id}>{t("groups.groupOf")}</label>
        <select id={id} value={group.name} onChange={(event) => onOpen(event.currentTarget.value)}>
          {data.groups.map(({ name, rows }) => (
            <option key={name} value={name}>
              {name} ({formatNumber(rows)})
            </option>
          ))}
        </select>
      </div>
      <div class="outcomes">
        {outcomes.map(([outcome, one]) => (
          <details key={outcome} open={opened !== null && one.count > 0}>
            <summary>
              {nameOf(outcome, one)}: {formatNumber(one.count)}
            </summary>
            <Examples of={one} />
          </details>
        ))}
      </div>
    </div>
  );
}

/** The first examples of an outcome: those that can be opened, and the numbers of the other rows. */
function Examples({ of: { count, rows = [], examples = [] } }: { of: GroupOutcome }) {
  const known = new Set(examples.flatMap(({ row }) => row ?? []));
  const others = rows.filter((row) => !known.has(row));
  const shown = examples.length + others.length;
  return (
    <>
      {examples.length > 0 && (
        <ul class="examples">
          {examples.map((example, index) => (
            <li key={index}>
              <ExampleTile example={example} />
            </li>
          ))}
        </ul>
      )}
      {others.length > 0 && <p class="hint">{t("groups.rows", { rows: others.join(", ") })}</p>}
      {count > shown && <p class="hint">{t("groups.more", { n: count - shown })}</p>}
    </>
  );
}
