import { api } from "../api/client";
import type { LatentData } from "../stages/shapes";
import { lengthOf } from "./layers";
import { type Network, networkOf } from "./network";

/** The decoder of a stage with its weights. Throws an Error: the file is missing or is another network's. */
export async function loadDecoder(data: LatentData, url: string): Promise<Network> {
  const bytes = await (await api.file(url)).arrayBuffer();
  const network = networkOf(data.layers, new Float32Array(bytes), data.z.length);
  if (lengthOf(network.shape) !== data.size.width * data.size.height * data.channels)
    throw new Error("the network's output is not a picture of this size");
  return network;
}

/** A picture's values from 0 (black) to 1 (white), row by row, the channels of a pixel side by side. */
export function decode(network: Network, data: LatentData, z: number[], label: number): Float32Array {
  const [black, white] = data.values;
  return network.run(z, label).map((value) => Math.min(Math.max((value - black) / (white - black), 0), 1));
}

/** Values from 0 to 1 as pixels for a canvas. */
export function pixelsOf(values: Float32Array, { size, channels }: LatentData): ImageData {
  const image = new ImageData(size.width, size.height);
  const isGray = channels === 1;
  for (let pixel = 0, to = 0; to < image.data.length; pixel += channels, to += 4) {
    image.data[to] = values[pixel] * 255;
    image.data[to + 1] = values[isGray ? pixel : pixel + 1] * 255;
    image.data[to + 2] = values[isGray ? pixel : pixel + 2] * 255;
    image.data[to + 3] = 255;
  }
  return image;
}

/** The values of a canvas, as `decode` returns them. */
export function valuesOf({ data: pixels }: ImageData, channels: number): Float32Array {
  return Float32Array.from(
    { length: (pixels.length / 4) * channels },
    (_, index) => pixels[Math.floor(index / channels) * 4 + (index % channels)] / 255,
  );
}

export interface Difference {
  norm: number; // ‖x − x̂‖
  psnr: number; // dB; infinite for equal pictures
}

export function differenceOf(x: Float32Array, other: Float32Array): Difference {
  const squares = x.reduce((sum, value, index) => sum + (value - other[index]) ** 2, 0);
  return { norm: Math.sqrt(squares), psnr: -10 * Math.log10(squares / x.length) };
}
