import type { CSSProperties } from "preact";
import { useRef } from "preact/hooks";
import { t } from "../../../i18n";
import type { SweepAxis, SweepData } from "../../../stages/shapes";
import type { Setting } from "../../../stages/sweep/analysis";
import { type Names, summaryText } from "../../../stages/sweep/names";
import { type Scale, scaleOf } from "../../../stages/sweep/scale";
import { heat } from "../../charts/palette";
import { SavePicture } from "../../pictures/save-picture";
import type { View } from "../../workbench/view";

interface HeatMapProps {
  data: SweepData;
  settings: Setting[];
  names: Names;
  view: View;
}

/** The mean figure of every setting as a colored table; a third param has a table for each of its values. */
export function HeatMap({ data, settings, names, view }: HeatMapProps) {
  const place = useRef<HTMLDivElement>(null);
  const scale = scaleOf(
    settings.flatMap(({ value }) => value?.mean ?? []),
    data.greater_is_better,
  );
  // rows: a phone scrolls down more easily than sideways
  const order = data.axes
    .map((_, index) => index)
    .sort((one, other) => data.axes[other].values.length - data.axes[one].values.length);
  const [row, column, third] = order;
  const tables = third === undefined ? [null] : data.axes[third].values.map((_, index) => index);
  const shown = view.hovered.value ?? view.chosen.value;
  return (
    <div ref={place} class="sweep-part">
      <div class="heat-maps">
        {tables.map((at) => (
          <HeatTable
            key={at}
            rows={row}
            columns={column ?? null}
            caption={at === null ? "" : captionOf(data.axes[third], at, names)}
            settings={settings}
            isHere={(setting) => at === null || setting.places[third] === at}
            {...{ data, names, scale, view }}
          />
        ))}
      </div>
      <p class="hint" role="status">
        {shown !== null && settings[shown] ? summaryText(settings[shown], names) : t("sweep.mapHint")}
      </p>
      {settings.some(({ value }) => value) && <ScaleLegend scale={scale} names={names} />}
      <div class="actions">
        <SavePicture of={place} name={t("sweep.map")} />
      </div>
    </div>
  );
}

const captionOf = (axis: SweepAxis, at: number, names: Names) =>
  `${names.axis(axis)} ${names.value(axis, axis.values[at])}`;

interface HeatTableProps extends HeatMapProps {
  rows: number; // axes
  columns: number | null; // null: one column
  caption: string;
  isHere: (setting: Setting) => boolean;
  scale: Scale;
}

function HeatTable({ data, settings, names, view, rows, columns, caption, isHere, scale }: HeatTableProps) {
  const table = useRef<HTMLTableElement>(null);
  const across = columns === null ? null : data.axes[columns];
  const down = data.axes[rows];
  const at = (row: number, column: number) =>
    settings.findIndex(
      (setting) =>
        isHere(setting) &&
        setting.places[rows] === row &&
        (columns === null || setting.places[columns] === column),
    );
  const width = across?.values.length ?? 1;
  const cells = down.values.map((_, row) => Array.from({ length: width }, (_, column) => at(row, column)));
  const all = cells.flat();
  const reached = all.includes(view.chosen.value ?? -1) ? view.chosen.value : all.find((cell) => cell >= 0);
  const walk = (event: KeyboardEvent) => {
    const by = STEPS[event.key];
    const button = (event.target as HTMLElement).closest<HTMLElement>("[data-place]");
    if (!by || !button) return;
    event.preventDefault();
    const [row, column] = (button.dataset.place ?? "").split(" ").map(Number);
    table.current?.querySelector<HTMLElement>(`[data-place="${row + by[0]} ${column + by[1]}"]`)?.focus();
  };
  return (
    <div class="scroller">
      <table ref={table} class="heat-map" onKeyDown={walk}>
        <caption>
          {[caption, data.seeds.length > 1 ? t("sweep.mapCaption", { figure: names.figure }) : names.figure]
            .filter(Boolean)
            .join(": ")}
        </caption>
        <thead>
          {across && (
            <tr>
              <td />
              <th scope="colgroup" colSpan={width}>
                {names.axis(across)} →
              </th>
            </tr>
          )}
          <tr>
            <th scope="col">{names.axis(down)} ↓</th>
            {across ? (
              across.values.map((value) => (
                <th key={String(value)} scope="col">
                  {names.value(across, value)}
                </th>
              ))
            ) : (
              <th scope="col">{names.figure}</th>
            )}
          </tr>
        </thead>
        <tbody>
          {cells.map((line, row) => (
            <tr key={row}>
              <th scope="row">{names.value(down, down.values[row])}</th>
              {line.map((index, column) => (
                <td key={column}>
                  {index >= 0 && (
                    <HeatCell
                      setting={settings[index]}
                      index={index}
                      isReached={index === reached}
                      place={`${row} ${column}`}
                      {...{ names, scale, view }}
                    />
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const STEPS: Record<string, [row: number, column: number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

interface HeatCellProps {
  setting: Setting;
  index: number;
  isReached: boolean; // by Tab; the arrow keys reach the others
  place: string;
  names: Names;
  scale: Scale;
  view: View;
}

function HeatCell({ setting, index, isReached, place, names, scale, view }: HeatCellProps) {
  const { value, fits } = setting;
  const isChosen = view.chosen.value === index;
  const isOpen = fits.some(({ status }) => status === "running" || status === "queued");
  const failed = fits.filter(({ status }) => status === "failed").length;
  const show = () => {
    view.hovered.value = index;
  };
  const leave = () => {
    view.hovered.value = null;
  };
  return (
    <button
      type="button"
      class={`heat-cell${value ? "" : " is-empty"}${isOpen ? " is-open" : ""}`}
      style={value ? paintOfShare(scale.shareOf(value.mean)) : undefined}
      data-place={place}
      tabIndex={isReached ? 0 : -1}
      aria-pressed={isChosen}
      aria-label={summaryText(setting, names)}
      onClick={() => {
        view.chosen.value = isChosen ? null : index;
      }}
      onPointerEnter={show}
      onPointerLeave={leave}
      onFocus={show}
      onBlur={leave}
    >
      {value ? names.written(value.mean) : (STATES[fits[0].status] ?? "…")}
      {failed > 0 && value && <small>{`✕ ${failed}`}</small>}
      {isOpen && <small>{`${fits.length - unfinished(setting)}/${fits.length}`}</small>}
    </button>
  );
}

const STATES: Record<string, string> = { failed: "✕", canceled: "–" };

const unfinished = ({ fits }: Setting) =>
  fits.filter(({ status }) => status === "running" || status === "queued").length;

/** A color of the scale, with text that stands out from it. */
export function paintOfShare(share: number): CSSProperties {
  const [red, green, blue] = heat(share);
  const isBright = 0.299 * red + 0.587 * green + 0.114 * blue > 130;
  return { background: `rgb(${red} ${green} ${blue})`, color: isBright ? "#000" : "#fff" };
}

function ScaleLegend({ scale, names }: { scale: Scale; names: Names }) {
  return (
    <p class="hint heat-legend">
      <span>
        {names.written(scale.worst)}
        {scale.isCut && ` ${t("sweep.orWorse")}`}
      </span>
      <i aria-hidden="true" />
      <span>
        {names.written(scale.best)} {t("sweep.isBest")}
      </span>
    </p>
  );
}
