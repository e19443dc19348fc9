import { useEffect, useRef, useState } from "preact/hooks";
import { decoded } from "../../api/connection";
import { formatNumber, t } from "../../i18n";
import { ChartTable } from "../charts/chart-table";
import { LineChart } from "../charts/line-chart";
import { useSize } from "../charts/plot";
import { StepPlayer, usePlayer } from "../charts/step-player";
import type { View } from "../workbench/view";

interface Size {
  width: number;
  height: number;
}

/** One sheet of pictures, tile by tile without gaps. */
export interface Sheet {
  step: number | null;
  name?: string;
  url: string;
  captions?: string[];
}

interface SampleSheetsProps {
  sheets: Sheet[];
  tile: Size;
  columns: number;
  count: number;
  rowNames?: string[];
  columnNames?: string[];
  captionsName?: string;
  series?: { name: string; x: number[]; y: (number | null)[] }[];
  xLabel?: string;
  yLabel?: string;
  initial?: number;
  view: View;
  hasPlayer?: boolean;
}

/** Contact sheets over the steps of a training. Sheets may be added while it is shown: it stays at the newest one. */
export function SampleSheets(props: SampleSheetsProps) {
  const { sheets, view, series, hasPlayer = true } = props;
  const place = useRef<HTMLDivElement>(null);
  const player = usePlayer(view, sheets.length, place, hasPlayer, props.initial);
  const images = useSheets(sheets);
  const sheet = sheets[player.at];
  const hasChart = hasPlayer && series && series.length > 0;
  const { width } = useSize(place);
  const sheetWidth = props.columns * (leastTile(props.tile) + GAP) + (props.rowNames ? NAMES_WIDTH : 0);
  const isBeside = hasChart && width >= sheetWidth + CHART_WIDTH;
  return (
    <div ref={place} class={`sample-sheets player ${isBeside ? "is-beside" : ""}`}>
      <div class="sheets-main">
        {hasPlayer && <StepPlayer player={player} />}
        {(sheet.name || sheet.step !== null) && (
          <p class="hint" role="status">
            {sheet.name ??
              t("samples.step", { step: sheet.step ?? 0, n: player.at + 1, total: sheets.length })}
          </p>
        )}
        <Tiles {...props} sheet={sheet} image={images.get(sheet.url)} />
      </div>
      {hasChart && (
        <LineChart
          xLabel={props.xLabel ?? t("scatter.step")}
          yLabel={props.yLabel ?? ""}
          series={series}
          marks={sheet.step === null ? [] : [{ x: sheet.step, label: t("samples.shown") }]}
        />
      )}
      {hasPlayer && <SheetTable {...props} sheet={sheet} />}
    </div>
  );
}

/** The loaded sheets by address; those of the last view stay while others load. */
function useSheets(sheets: Sheet[]): Map<string, HTMLImageElement> {
  const [images, setImages] = useState(new Map<string, HTMLImageElement>());
  const requested = useRef(new Set<string>());
  useEffect(() => {
    // the newest first: it is the one on show
    for (const { url } of sheets.toReversed()) {
      if (requested.current.has(url)) continue;
      requested.current.add(url);
      decoded(url).then(
        (image) => setImages((all) => new Map(all).set(url, image)),
        () => requested.current.delete(url), // tried again with the next sheet
      );
    }
  }, [sheets]);
  return images;
}

const GAP = 6; // pixels between tiles
const SMALLEST = 40; // of a tile, so that it can be seen
const LARGEST = 112;
const HIGHEST = 780; // of the sheet, so that most of it is seen at once
const CAPTION = 20;
const NAMES_WIDTH = 110;
const CHART_WIDTH = 300; // at least, beside the sheet

const leastScale = (tile: { width: number }): number => Math.max(Math.ceil(SMALLEST / tile.width), 1);
const leastTile = (tile: { width: number }): number => leastScale(tile) * tile.width;

/** Whole pixels of the screen for each of the picture, as many as fit. */
export function scaleOf(tile: Size, columns: number, rows: number, width: number): number {
  const across = Math.floor((width / columns - GAP) / tile.width);
  const down = Math.floor((HIGHEST / rows - CAPTION) / tile.height);
  return Math.max(Math.min(across, down, Math.floor(LARGEST / tile.width)), leastScale(tile));
}

interface TilesProps extends SampleSheetsProps {
  sheet: Sheet;
  image: HTMLImageElement | undefined;
}

function Tiles({ sheet, image, tile, columns, count, rowNames, columnNames, captionsName }: TilesProps) {
  const frame = useRef<HTMLDivElement>(null);
  const { width } = useSize(frame);
  const named = rowNames !== undefined || columnNames !== undefined;
  const rows = Math.ceil(count / columns);
  const scale = scaleOf(tile, columns, rows, rowNames ? width - NAMES_WIDTH : width);
  const kind = captionsName ? t("samples.captions", { name: captionsName }) : "";
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide sheet is scrolled by keys too
    <div ref={frame} class="scroller" role="group" aria-label={t("samples.sheet", { n: count })} tabIndex={0}>
      <table class={`sheet-tiles ${named ? "" : "is-plain"}`} style={{ "--tile": `${tile.width * scale}px` }}>
        {kind && <caption>{kind}</caption>}
        {columnNames && (
          <thead>
            <tr>
              {rowNames && <td />}
              {columnNames.map((name, index) => (
                <th key={index} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
        )}
        <tbody>
          {Array.from({ length: rows }, (_, row) => (
            <tr key={row}>
              {rowNames && <th scope="row">{rowNames[row]}</th>}
              {Array.from({ length: Math.min(columns, count - row * columns) }, (_, column) => {
                const index = row * columns + column;
                return (
                  <td key={column}>
                    <Tile
                      image={image}
                      at={[column, row]}
                      size={tile}
                      label={`${t("samples.picture")} ${index + 1}`}
                    />
                    {sheet.captions && <small>{sheet.captions[index]}</small>}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface TileProps {
  image: HTMLImageElement | undefined;
  at: [column: number, row: number];
  size: Size;
  label: string;
}

/** One picture of the sheet; its place and caption stand in the table. */
function Tile({ image, at: [column, row], size: { width, height }, label }: TileProps) {
  const surface = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = surface.current?.getContext("2d");
    if (!context || !image) return;
    context.clearRect(0, 0, width, height);
    context.drawImage(image, column * width, row * height, width, height, 0, 0, width, height);
  }, [image, width, height]);
  return <canvas ref={surface} width={width} height={height} role="img" aria-label={label} />;
}

/** The names and captions of all pictures. */
function SheetTable({
  sheet,
  columns,
  count,
  rowNames,
  columnNames,
  captionsName,
}: SampleSheetsProps & { sheet: Sheet }) {
  if (!sheet.captions) return null;
  const names = [rowNames && t("samples.row"), columnNames && t("samples.column")];
  return (
    <ChartTable
      tables={() => [
        {
          caption: captionsName ?? t("samples.caption"),
          columns: [
            t("samples.picture"),
            ...names.filter((name): name is string => name !== undefined),
            captionsName ?? t("samples.caption"),
          ],
          rows: Array.from({ length: count }, (_, index) => [
            formatNumber(index + 1),
            ...(rowNames ? [rowNames[Math.floor(index / columns)]] : []),
            ...(columnNames ? [columnNames[index % columns]] : []),
            sheet.captions?.[index] ?? "",
          ]),
        },
      ]}
    />
  );
}
