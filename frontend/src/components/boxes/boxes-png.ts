import { decoded } from "../../api/connection";
import { formatPercent } from "../../i18n";
import type { BoxesData } from "../../stages/shapes";
import { drawBoxes } from "../charts/draw";
import { paintOf } from "../charts/palette";
import type { PictureSource } from "../pictures/source";
import type { BoxScene } from "./box-scene";

const WIDEST = 1600; // labels have the size for a screen; larger images are scaled down

/** The image with the boxes now shown, drawn in the browser. */
export async function pngOf(picture: PictureSource, data: BoxesData, scene: BoxScene): Promise<Blob> {
  const image = await decoded(picture.url);
  const scale = Math.min(WIDEST / data.width, Math.max(1, 800 / data.width));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(data.width * scale);
  canvas.height = Math.round(data.height * scale);
  const context = canvas.getContext("2d");
  if (!context) throw new Error("the browser gives no canvas");
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  drawBoxes(
    context,
    { width: canvas.width, height: canvas.height, scale, left: 0, top: 0 },
    scene.outcome.kept
      .filter((item) => !scene.isHidden(item))
      .map((item) => ({
        box: item.box,
        paint: scene.paints.get(item.label) ?? paintOf(0),
        style: "solid",
        text: `${item.label} ${formatPercent(item.score)}`,
        number: String(item.id),
      })),
  );
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no PNG was made"))), "image/png");
  });
}
