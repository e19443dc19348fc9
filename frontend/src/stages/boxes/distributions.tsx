import { drawBoxes } from "../../components/charts/draw";
import { type Paint, paints } from "../../components/charts/palette";
import { Swatch } from "../../components/controls/icon";
import { type Draw, Picture } from "../../components/pictures/picture";
import { toScreen, type Viewport } from "../../components/pictures/viewport";
import { formatNumber, formatPercent, t } from "../../i18n";
import type { StageProps } from "../props";
import type { DistributionsData, MeasuredBox, Side } from "../shapes";

const two = (value: number) => formatNumber(value, { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** Where a network believes the sides of a box to be: a distribution over distances for each. */
export function Distributions({ data, picture, view }: StageProps<DistributionsData>) {
  const chosen = data.boxes.find(({ id }) => id === view.chosen.value) ?? data.boxes[0];
  const colors = paints(data.boxes.map(({ label }) => label));
  if (!chosen) return <p class="stage-main empty">{t("distributions.none")}</p>;
  const paint = colors.get(chosen.label) as Paint;

  const draw: Draw = (context, viewport) => {
    drawSides(context, viewport, chosen, paint);
    const text = `${chosen.id} ${chosen.label}`;
    drawBoxes(context, viewport, [
      { box: chosen.box, paint, style: "dashed", text, number: `${chosen.id}`, strength: 0.8 },
    ]);
  };

  return (
    <>
      <div class="stage-main">
        {picture && (
          <Picture
            source={{ ...picture, width: data.width, height: data.height }}
            draw={draw}
            label={t("distributions.picture", { box: `${chosen.id} ${chosen.label}` })}
          />
        )}
        <p class="hint">{t("distributions.hint")}</p>
      </div>
      <div class="stage-side">
        <section class="side-part">
          <h4>{t("distributions.boxes")}</h4>
          <ul class="plain-list">
            {data.boxes.map(({ id, label, score }) => (
              <li key={id}>
                <button
                  type="button"
                  class="link"
                  aria-pressed={id === chosen.id}
                  onClick={() => {
                    view.chosen.value = id;
                  }}
                >
                  <Swatch color={colors.get(label)?.line} />
                  {id} {label} {two(score)}
                </button>
              </li>
            ))}
          </ul>
        </section>
        <section class="side-part">
          <h4>{t("distributions.sides", { box: `${chosen.id} ${chosen.label}`, stride: chosen.stride })}</h4>
          <SidesTable sides={chosen.sides} steps={data.steps} paint={paint} />
        </section>
      </div>
    </>
  );
}

interface SidesTableProps {
  sides: Side[];
  steps: number;
  paint: Paint;
}

function SidesTable({ sides, steps, paint }: SidesTableProps) {
  const distances = Array.from({ length: steps + 1 }, (_, distance) => distance);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table is scrolled by keys too
    <div class="scroller" role="group" aria-label={t("distributions.distance")} tabIndex={0}>
      <table class="sides" aria-live="polite">
        <thead>
          <tr>
            <th scope="col">{t("distributions.distance")}</th>
            {sides.map(({ name }) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {distances.map((distance) => (
            <tr key={distance}>
              <th scope="row">{distance}</th>
              {sides.map(({ name, probabilities }) => (
                <td key={name}>
                  <i
                    class="bar"
                    aria-hidden="true"
                    style={{ inlineSize: `${probabilities[distance] * 100}%`, backgroundColor: paint.line }}
                  />
                  <small>{formatPercent(probabilities[distance])}</small>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
        <tfoot>
          <Row title={t("distributions.mean")} sides={sides} value={({ mean }) => two(mean)} />
          <Row title={t("distributions.deviation")} sides={sides} value={({ deviation }) => two(deviation)} />
          <Row
            title={t("distributions.pixels")}
            sides={sides}
            value={({ mean, step }) => formatNumber(Math.round(mean * step))}
          />
        </tfoot>
      </table>
    </div>
  );
}

function Row({ title, sides, value }: { title: string; sides: Side[]; value: (side: Side) => string }) {
  return (
    <tr>
      <th scope="row">{title}</th>
      {sides.map((side) => (
        <td key={side.name}>{value(side)}</td>
      ))}
    </tr>
  );
}

/** A line at every distance of every side, the more opaque the likelier; and the cell's center. */
function drawSides(
  context: CanvasRenderingContext2D,
  view: Viewport,
  chosen: MeasuredBox,
  paint: Paint,
): void {
  const { box, center } = chosen;
  const signs = [-1, -1, 1, 1];
  context.save();
  context.strokeStyle = paint.line;
  context.fillStyle = paint.line;
  context.lineWidth = 5;
  chosen.sides.forEach(({ step, probabilities }, side) => {
    probabilities.forEach((probability, distance) => {
      if (probability < 0.01) return;
      const away = signs[side] * distance * step;
      const line =
        side % 2 === 0
          ? { xmin: center.x + away, xmax: center.x + away, ymin: box.ymin, ymax: box.ymax }
          : { xmin: box.xmin, xmax: box.xmax, ymin: center.y + away, ymax: center.y + away };
      const { x, y, width, height } = toScreen(view, line);
      context.globalAlpha = Math.sqrt(probability);
      context.beginPath();
      context.moveTo(x, y);
      context.lineTo(x + width, y + height);
      context.stroke();
    });
  });
  context.globalAlpha = 1;
  const point = toScreen(view, { xmin: center.x, xmax: center.x, ymin: center.y, ymax: center.y });
  context.beginPath();
  context.arc(point.x, point.y, 5, 0, 2 * Math.PI);
  context.fill();
  context.restore();
}
