import { formatPercent } from "../../i18n";
import type { BoxesData } from "../../stages/shapes";
import { drawBoxes } from "../charts/draw";
import { paintOf, paints } from "../charts/palette";
import type { PictureSource } from "../pictures/picture";
import type { View } from "../workbench/view";
import { suppress } from "./suppression";

const WIDEST = 1600; // the labels' size is meant for a screen: larger pictures are scaled down to it

/** The picture with the kept boxes as they are shown now, drawn here and not by the server. */
export async function pngOf(picture: PictureSource, data: BoxesData, view: View): Promise<Blob> {
  const image = new Image();
  image.src = picture.url;
  await image.decode();
  const scale = Math.min(WIDEST / data.width, Math.max(1, 800 / data.width));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(data.width * scale);
  canvas.height = Math.round(data.height * scale);
  const context = canvas.getContext("2d");
  if (!context) throw new Error("the browser gives no canvas");
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  const defaults = data.defaults ?? { score: 0, iou: 1 };
  const { kept } = suppress(
    data.boxes,
    view.score.value ?? defaults.score,
    view.iou.value ?? defaults.iou,
    defaults.max_objects,
  );
  const paint = paints(data.boxes.map((item) => item.label));
  const isShown = ({ label, id }: { label: string; id: number }) =>
    !view.hiddenLabels.value.includes(label) && !view.hiddenIds.value.includes(id);
  drawBoxes(
    context,
    { width: canvas.width, height: canvas.height, scale, left: 0, top: 0 },
    kept.filter(isShown).map((item, index) => ({
      box: item.box,
      paint: paint.get(item.label) ?? paintOf(0),
      style: "solid",
      text: `${item.label} ${formatPercent(item.score)}`,
      number: String(index + 1),
    })),
  );
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no PNG was made"))), "image/png");
  });
}
