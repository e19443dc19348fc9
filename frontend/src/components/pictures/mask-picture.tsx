import { useEffect, useMemo, useState } from "preact/hooks";
import { decoded } from "../../api/connection";
import { t } from "../../i18n";
import type { MaskClass, MaskData } from "../../stages/shapes";
import type { View } from "../workbench/view";
import { edgeOf, labelPoints, type MaskPixels, NONE, placeAt, placesOf, type Segment } from "./mask-pixels";
import { type Draw, Picture } from "./picture";
import type { PictureSource } from "./source";
import { toScreen, type Viewport } from "./viewport";

const MAX_PIXELS = 4_000_000; // of a larger mask every second, third … pixel is read
const NARROW = 480;
const SMALL_SHARE = 0.003; // too little to carry a label

/** The mask's classes, pixel by pixel; null until they are read. */
export function useMaskPixels(url: string | undefined, data: MaskData): MaskPixels | null {
  const [read, setRead] = useState<{ url: string; pixels: MaskPixels } | null>(null);
  useEffect(() => {
    let isWanted = true;
    if (url) decode(url, data).then((pixels) => isWanted && setRead({ url, pixels }));
    return () => {
      isWanted = false;
    };
  }, [url]);
  return read && read.url === url ? read.pixels : null;
}

async function decode(url: string, { width, height, classes }: MaskData): Promise<MaskPixels> {
  const image = await decoded(url);
  const shrink = Math.min(1, Math.sqrt(MAX_PIXELS / (width * height)));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width * shrink));
  canvas.height = Math.max(1, Math.round(height * shrink));
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("the browser gives no canvas");
  context.imageSmoothingEnabled = false; // a mixture of two colors would be no class
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  return { width: canvas.width, height: canvas.height, places: placesOf(data, classes) };
}

interface MaskPictureProps {
  data: MaskData;
  pixels: MaskPixels | null;
  source: PictureSource;
  view: View;
  shown: boolean[]; // by place
  opacity: number; // 0 to 1
  focus: number | null; // the place that stands out
}

/** The picture under its classes. The one in focus is outlined and named, the others step back. */
export function MaskPicture({ data, pixels, source, view, shown, opacity, focus }: MaskPictureProps) {
  const tint = useMemo(
    () => pixels && tinted(pixels, data.classes, shown, focus),
    [pixels, data, shown.join(), focus],
  );
  const points = useMemo(() => pixels && labelPoints(pixels, data.classes.length), [pixels, data]);
  const edge = useMemo(() => (pixels && focus !== null ? edgeOf(pixels, focus) : null), [pixels, focus]);

  const draw: Draw = (context, viewport) => {
    if (!tint || !pixels) return;
    const whole = { xmin: 0, ymin: 0, xmax: data.width, ymax: data.height };
    const { x, y, width, height } = toScreen(viewport, whole);
    context.save();
    context.imageSmoothingEnabled = false;
    context.globalAlpha = opacity;
    context.drawImage(tint, x, y, width, height);
    context.restore();
    const scale = (viewport.scale * data.width) / pixels.width;
    if (edge) strokeEdge(context, viewport, scale, edge);
    data.classes.forEach((one, place) => {
      const point = points?.[place];
      const isStrong = place === focus;
      const isNamed = focus === null ? shown[place] && one.share >= SMALL_SHARE : isStrong;
      if (!point || !isNamed) return;
      label(
        context,
        viewport,
        scale,
        point,
        viewport.width < NARROW && !isStrong ? String(place + 1) : one.name,
      );
    });
  };

  const at = (point: { x: number; y: number } | null) =>
    point && pixels ? placeAt(pixels, point, data.width) : null;
  const indexAt = (point: { x: number; y: number } | null) => {
    const place = at(point);
    return place !== null && shown[place] ? data.classes[place].index : null;
  };
  return (
    <Picture
      source={{ ...source, width: data.width, height: data.height }}
      draw={draw}
      label={t("mask.picture", { n: shown.filter(Boolean).length })}
      onPoint={(point) => {
        view.hovered.value = indexAt(point);
      }}
      onPick={(point) => {
        const picked = indexAt(point);
        view.chosen.value = picked === view.chosen.value ? null : picked;
      }}
    />
  );
}

/** The shown classes in their colors; beside one in focus the others are faint. */
function tinted(
  { width, height, places }: MaskPixels,
  classes: MaskClass[],
  shown: boolean[],
  focus: number | null,
): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  if (!context) return canvas;
  const paint = new Uint32Array(NONE + 1);
  const bytes = new Uint8ClampedArray(paint.buffer);
  classes.forEach(({ color }, place) => {
    const rgb = Number.parseInt(color.slice(1), 16);
    const alpha = !shown[place] ? 0 : focus === null || focus === place ? 255 : 64;
    bytes.set([rgb >> 16, (rgb >> 8) & 255, rgb & 255, alpha], place * 4);
  });
  const image = context.createImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  for (let pixel = 0; pixel < pixels.length; pixel++) pixels[pixel] = paint[places[pixel]];
  context.putImageData(image, 0, 0);
  return canvas;
}

/** White under black dashes: visible on every color. */
function strokeEdge(
  context: CanvasRenderingContext2D,
  viewport: Viewport,
  scale: number,
  edge: Segment[],
): void {
  context.save();
  context.translate(viewport.left, viewport.top);
  context.beginPath();
  for (const [x0, y0, x1, y1] of edge) {
    context.moveTo(x0 * scale, y0 * scale);
    context.lineTo(x1 * scale, y1 * scale);
  }
  context.lineCap = "square";
  context.lineWidth = 4;
  context.strokeStyle = "black";
  context.stroke();
  context.lineWidth = 2;
  context.strokeStyle = "white";
  context.stroke();
  context.restore();
}

function label(
  context: CanvasRenderingContext2D,
  viewport: Viewport,
  scale: number,
  point: { x: number; y: number },
  text: string,
): void {
  context.save();
  context.font = "600 12px system-ui, sans-serif";
  const [width, height] = [context.measureText(text).width + 12, 20];
  const within = (place: number, size: number, length: number) =>
    Math.min(Math.max(place - size / 2, 2), Math.max(length - size - 2, 2));
  const [x, y] = [viewport.left + point.x * scale, viewport.top + point.y * scale];
  const isOutside = x < 0 || y < 0 || x > viewport.width || y > viewport.height;
  if (!isOutside) {
    const [left, top] = [within(x, width, viewport.width), within(y, height, viewport.height)];
    context.fillStyle = "rgb(15 18 23 / 0.82)";
    context.beginPath();
    context.roundRect(left, top, width, height, 4);
    context.fill();
    context.fillStyle = "white";
    context.textBaseline = "middle";
    context.fillText(text, left + 6, top + height / 2 + 0.5);
  }
  context.restore();
}
