import type { Sketch } from "../../api/types";

/** A picture of few colors: for each pixel the place of its color in the palette, row by row. */
export interface Drawing {
  width: number;
  height: number;
  places: Uint8Array<ArrayBuffer>;
}

/** A pixel, counted from the upper left corner. */
export interface Pixel {
  x: number;
  y: number;
}

/** The background first, then the brushes; a brush of the background's color is the background. */
export const paletteOf = ({ background, brushes }: Sketch): string[] => [
  ...new Set([background, ...brushes.map(({ color }) => color)]),
];

export const blank = ({ width, height }: Pick<Sketch, "width" | "height">): Drawing => ({
  width,
  height,
  places: new Uint8Array(width * height),
});

export const isBlank = ({ places }: Drawing): boolean => places.every((place) => place === 0);

/** The pixels of a round brush, relative to the one that is pointed at; an even brush reaches further up and left. */
function dots(size: number): Pixel[] {
  const [low, high] = [-Math.floor(size / 2), Math.ceil(size / 2)];
  const middle = size % 2 === 0 ? 0.5 : 0;
  const found: Pixel[] = [];
  for (let y = low; y < high; y++)
    for (let x = low; x < high; x++)
      if ((x + middle) ** 2 + (y + middle) ** 2 <= (size / 2) ** 2) found.push({ x, y });
  return found;
}

/** A straight stroke of a brush `size` pixels wide, both ends included. */
export function stroke(drawing: Drawing, from: Pixel, to: Pixel, size: number, place: number): Drawing {
  const { width, height } = drawing;
  const places = drawing.places.slice();
  const brush = dots(size);
  const steps = Math.max(Math.abs(to.x - from.x), Math.abs(to.y - from.y));
  for (let step = 0; step <= steps; step++) {
    const part = steps === 0 ? 0 : step / steps;
    const [left, top] = [
      Math.round(from.x + (to.x - from.x) * part),
      Math.round(from.y + (to.y - from.y) * part),
    ];
    for (const dot of brush) {
      const [x, y] = [left + dot.x, top + dot.y];
      if (x >= 0 && y >= 0 && x < width && y < height) places[y * width + x] = place;
    }
  }
  return { width, height, places };
}

/** The area of one color around a pixel, over its sides but not its corners, in another color. */
export function fill(drawing: Drawing, at: Pixel, place: number): Drawing {
  const { width, height } = drawing;
  const places = drawing.places.slice();
  const old = places[at.y * width + at.x];
  if (old === place) return drawing;
  const waiting = [at];
  for (let pixel = waiting.pop(); pixel; pixel = waiting.pop()) {
    const { x, y } = pixel;
    if (x < 0 || y < 0 || x >= width || y >= height || places[y * width + x] !== old) continue;
    places[y * width + x] = place;
    waiting.push({ x: x - 1, y }, { x: x + 1, y }, { x, y: y - 1 }, { x, y: y + 1 });
  }
  return { width, height, places };
}

const rgbOf = (color: string): [number, number, number] => {
  const value = Number.parseInt(color.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
};

/** Each pixel (RGBA) as the nearest color of the palette, by its distance in RGB. */
export function nearestPlaces(rgba: Uint8ClampedArray, palette: string[]): Uint8Array<ArrayBuffer> {
  const colors = palette.map(rgbOf);
  return Uint8Array.from({ length: rgba.length / 4 }, (_, pixel) => {
    const distances = colors.map((color) =>
      color.reduce((total, value, channel) => total + (value - rgba[pixel * 4 + channel]) ** 2, 0),
    );
    return distances.indexOf(Math.min(...distances));
  });
}

/** `channels` 3: RGB; 4: RGBA, opaque. */
export function bytesOf(
  { places }: Drawing,
  palette: string[],
  channels: 3 | 4,
): Uint8ClampedArray<ArrayBuffer> {
  const colors = palette.map((color) => [...rgbOf(color), 255].slice(0, channels));
  const bytes = new Uint8ClampedArray(places.length * channels);
  for (const [pixel, place] of places.entries()) bytes.set(colors[place], pixel * channels);
  return bytes;
}
