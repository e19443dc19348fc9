import { decoded } from "../../api/connection";
import { heat } from "../charts/palette";

/** An image of many gray tiles, colored by the heat scale. */
export interface Atlas {
  url: string;
  canvas: HTMLCanvasElement;
}

export async function loadAtlas(url: string): Promise<Atlas> {
  const image = await decoded(url);
  const canvas = document.createElement("canvas");
  canvas.width = image.naturalWidth;
  canvas.height = image.naturalHeight;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) return { url, canvas };
  context.drawImage(image, 0, 0);
  const pixels = context.getImageData(0, 0, canvas.width, canvas.height);
  const colors = Array.from({ length: 256 }, (_, value) => heat(value / 255));
  for (let place = 0; place < pixels.data.length; place += 4) {
    const [red, green, blue] = colors[pixels.data[place]];
    pixels.data[place] = red;
    pixels.data[place + 1] = green;
    pixels.data[place + 2] = blue;
  }
  context.putImageData(pixels, 0, 0);
  return { url, canvas };
}
