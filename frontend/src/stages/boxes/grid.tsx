import { useId } from "preact/hooks";
import { cellBox, drawBoxes, drawGrid } from "../../components/charts/draw";
import { type Paint, paintOf, paints } from "../../components/charts/palette";
import { Choice } from "../../components/controls/choice";
import { type Draw, Picture } from "../../components/pictures/picture";
import { formatNumber, formatPercent, t } from "../../i18n";
import type { StageProps } from "../props";
import type { CellBox, GridData, GridLevel, Winner } from "../shapes";

const CELL_PAINT: Paint = { line: "white", plate: "black" };
const TOP_CLASSES = 3;
const OBJECTNESS = 4;

interface Spot {
  level: number;
  row: number;
  column: number;
}

/** The cells that the network predicts from; a chosen one shows each of its boxes. */
export function Grid({ data, picture, view }: StageProps<GridData>) {
  const spot = spotOf(data, view.spot.value);
  const level = data.levels[spot.level];
  const cell = level.cells[spot.row]?.[spot.column] ?? [];
  const label = paints(data.labels);
  const winners = (data.winners ?? []).filter((one) => one.level === spot.level);
  const go = (next: Partial<Spot>) => {
    const to = clamped(data, { ...spot, ...next });
    view.spot.value = [to.level, to.row, to.column];
  };

  const draw: Draw = (context, viewport) => {
    drawGrid(context, viewport, level, true);
    drawBoxes(context, viewport, [
      ...winners.map(({ id, label: name, row, column }) => ({
        box: cellBox(level, row, column),
        paint: label.get(name) ?? paintOf(0),
        style: "solid" as const,
        text: `${id}`,
        number: `${id}`,
      })),
      { box: cellBox(level, spot.row, spot.column), paint: CELL_PAINT, style: "solid", isStrong: true },
      ...cell.map((one, slot) => ({
        box: boxOf(one),
        paint: label.get(data.labels[best(classesOf(one))]) ?? paintOf(0),
        style: "solid" as const,
        strength: 0.35 + 0.65 * surenessOf(one),
        text: `${slot + 1}`,
        number: `${slot + 1}`,
      })),
    ]);
  };

  return (
    <>
      <div class="stage-main">
        {data.levels.length > 1 && (
          <Choice
            legend={t("grid.level")}
            options={data.levels.map((one) => ({ name: one.name, hint: `${one.rows} × ${one.columns}` }))}
            chosen={spot.level}
            onChoose={(index) => go(moved(data, spot, index))}
          />
        )}
        {picture && (
          <Picture
            source={{ ...picture, width: data.width, height: data.height }}
            draw={draw}
            label={t("grid.picture", { row: spot.row + 1, column: spot.column + 1 })}
            onPick={(point) =>
              go({
                column: Math.floor((point.x - level.left) / level.cell_width),
                row: Math.floor((point.y - level.top) / level.cell_height),
              })
            }
            onArrow={(columns, rows) => go({ column: spot.column + columns, row: spot.row + rows })}
          />
        )}
        <p class="hint">{t("grid.hint")}</p>
      </div>
      <div class="stage-side">
        <section class="side-part">
          <h4>{t("grid.cell")}</h4>
          <div class="pair">
            <Place title={t("grid.row")} value={spot.row} count={level.rows} onInput={(row) => go({ row })} />
            <Place
              title={t("grid.column")}
              value={spot.column}
              count={level.columns}
              onInput={(column) => go({ column })}
            />
          </div>
          <Winners winners={data.winners ?? []} spot={spot} onChoose={go} />
          <ol class="cell-boxes" aria-live="polite">
            {cell.map((one, slot) => (
              <CellBoxCard key={slot} slot={slot} one={one} labels={data.labels} label={label} />
            ))}
          </ol>
        </section>
      </div>
    </>
  );
}

/** The cells that won the boxes of the answer, on all levels. */
function Winners({
  winners,
  spot,
  onChoose,
}: {
  winners: Winner[];
  spot: Spot;
  onChoose: (spot: Spot) => void;
}) {
  if (winners.length === 0) return null;
  return (
    <>
      <p class="hint">{t("grid.winners")}</p>
      <ul class="plain-list">
        {winners.map(({ id, label, level, row, column }) => (
          <li key={id}>
            <button
              type="button"
              class="link"
              aria-pressed={level === spot.level && row === spot.row && column === spot.column}
              onClick={() => onChoose({ level, row, column })}
            >
              {id} {label}
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

function Place({
  title,
  value,
  count,
  onInput,
}: {
  title: string;
  value: number;
  count: number;
  onInput: (value: number) => void;
}) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{title}</label>
      <input
        id={id}
        type="number"
        min={1}
        max={count}
        value={value + 1}
        onInput={(event) => {
          const typed = event.currentTarget.valueAsNumber;
          if (Number.isInteger(typed)) onInput(typed - 1);
        }}
      />
    </div>
  );
}

interface CellBoxCardProps {
  slot: number;
  one: CellBox;
  labels: string[];
  label: Map<string, Paint>;
}

function CellBoxCard({ slot, one, labels, label }: CellBoxCardProps) {
  const objectness = one[OBJECTNESS];
  const ranked = classesOf(one)
    .map((probability, index) => ({ probability, name: labels[index] ?? String(index) }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, TOP_CLASSES);
  return (
    <li>
      <p class="cell-head">
        <strong>{t("grid.box", { n: slot + 1 })}</strong>
        {objectness !== null && <span>{t("grid.objectness", { value: formatPercent(objectness) })}</span>}
      </p>
      {objectness !== null && (
        <meter min={0} max={1} value={objectness} aria-label={t("candidates.objectness")} />
      )}
      <table class="bars">
        <caption class="visually-hidden">{t("grid.classes")}</caption>
        <tbody>
          {ranked.map(({ name, probability }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>
                <i
                  class="bar"
                  aria-hidden="true"
                  style={{ inlineSize: `${probability * 100}%`, backgroundColor: label.get(name)?.line }}
                />
              </td>
              <td class="is-number">{formatPercent(probability)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="hint">
        {t("grid.corners", {
          from: `${formatNumber(Math.round(one[0]))}, ${formatNumber(Math.round(one[1]))}`,
          to: `${formatNumber(Math.round(one[2]))}, ${formatNumber(Math.round(one[3]))}`,
        })}
      </p>
    </li>
  );
}

const boxOf = ([xmin, ymin, xmax, ymax]: CellBox) => ({ xmin, ymin, xmax, ymax });
const classesOf = (one: CellBox): number[] => one.slice(OBJECTNESS + 1) as number[];
const surenessOf = (one: CellBox): number => one[OBJECTNESS] ?? Math.max(...classesOf(one));
const best = (values: number[]): number => values.indexOf(Math.max(...values));

function clamped(data: GridData, spot: Spot): Spot {
  const level = data.levels[spot.level];
  const within = (value: number, count: number) => Math.min(Math.max(value, 0), count - 1);
  return { level: spot.level, row: within(spot.row, level.rows), column: within(spot.column, level.columns) };
}

/** The cell of another level that lies over the same place. */
function moved(data: GridData, spot: Spot, index: number): Spot {
  const [from, to] = [data.levels[spot.level], data.levels[index]];
  return {
    level: index,
    row: Math.floor(((spot.row + 0.5) * to.rows) / from.rows),
    column: Math.floor(((spot.column + 0.5) * to.columns) / from.columns),
  };
}

/** The chosen cell, or the one that is surest of an object. */
function spotOf(data: GridData, chosen: number[] | null): Spot {
  if (chosen?.length === 3 && data.levels[chosen[0]])
    return clamped(data, { level: chosen[0], row: chosen[1], column: chosen[2] });
  let surest = { level: 0, row: 0, column: 0, value: -1 };
  data.levels.forEach((one: GridLevel, level) => {
    one.objectness.forEach((values, row) => {
      values.forEach((value, column) => {
        if (value > surest.value) surest = { level, row, column, value };
      });
    });
  });
  return surest;
}
