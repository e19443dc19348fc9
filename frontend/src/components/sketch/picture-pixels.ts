import { type Drawing, nearestPlaces } from "./drawing";

/** A picture file as a drawing: at the sketch's size, each pixel in the nearest color. Throws if it is not readable. */
export async function drawingOf(
  file: Blob,
  { width, height }: { width: number; height: number },
  palette: string[],
): Promise<Drawing> {
  const picture = await createImageBitmap(file);
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  if (!context) throw new Error("the browser gives no canvas");
  context.imageSmoothingEnabled = false; // a mixture of two colors may be near to a third
  context.fillStyle = palette[0]; // where the picture is transparent
  context.fillRect(0, 0, width, height);
  context.drawImage(picture, 0, 0, width, height);
  const { data } = context.getImageData(0, 0, width, height);
  return { width, height, places: nearestPlaces(data, palette) };
}
