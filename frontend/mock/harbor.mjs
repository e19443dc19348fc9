// A harbor painted by formula, at any size: the picture that the mock segments and enlarges.
import { greyPng, palettePng, rgbPng } from "./png.mjs";

const [WIDTH, HEIGHT, FACTOR] = [800, 560, 4];

export const CLASSES = [
  { index: 0, name: "background", color: [0, 0, 0] },
  { index: 4, name: "boat", color: [0, 114, 178] },
  { index: 3, name: "bird", color: [230, 159, 0] },
  { index: 15, name: "person", color: [204, 121, 167] },
];

const within = (x, y, cx, cy, rx, ry) => ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 < 1;

function isBoat(x, y) {
  const hull = y > 372 && y < 430 && Math.abs(x - 380) < 190 - (y - 372) * 0.9;
  const sail = y > 110 && y < 360 && x > 392 && x < 392 + (y - 110) * 0.62;
  const jib = y > 150 && y < 360 && x < 374 && x > 374 - (y - 150) * 0.5;
  return hull || sail || jib || (x > 377 && x < 387 && y > 90 && y < 376);
}

const isBird = (x, y) =>
  [
    [600, 130],
    [668, 172],
    [560, 190],
  ].some(([cx, cy]) => within(x, y, cx - 13, cy, 17, 6) || within(x, y, cx + 13, cy - 3, 17, 6));

const isPerson = (x, y) => within(x, y, 300, 330, 11, 12) || (y > 340 && y < 374 && Math.abs(x - 300) < 13);

/** Its class at a point, as a place in CLASSES. */
const classAt = (x, y) => (isPerson(x, y) ? 3 : isBird(x, y) ? 2 : isBoat(x, y) ? 1 : 0);

function colorAt(x, y) {
  const kind = classAt(x, y);
  if (kind === 3) return y < 342 ? [226, 180, 146] : [196, 62, 52];
  if (kind === 2) return [246, 246, 242];
  if (kind === 1) {
    if (y > 368) return y < 384 ? [240, 236, 224] : [150, 62, 44];
    if (x > 388) return Math.floor(y / 18) % 2 ? [244, 240, 228] : [208, 86, 62];
    return x > 374 ? [92, 70, 52] : [248, 244, 234];
  }
  if (within(x, y, 150, 120, 46, 46)) return [255, 226, 150];
  const hill = 290 + 34 * Math.sin(x / 90) + 14 * Math.sin(x / 31);
  if (y < 350 && y > hill)
    return [86, 118, 104].map((value) => value + 10 * Math.sin(x / 5) * Math.sin(y / 4));
  if (y < 350) return [112 + y / 3.4, 164 + y / 5, 214 + y / 16];
  const wave = 12 * Math.sin(y / 3 + 2 * Math.sin(x / 40)) * Math.min(1, (y - 350) / 90);
  return [52 + wave, 104 + wave, 142 + wave - (y - 350) / 8];
}

function paint(width, height, colour) {
  const pixels = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      colour(x, y).forEach((value, channel) => {
        pixels[(y * width + x) * 3 + channel] = Math.max(0, Math.min(255, Math.round(value)));
      });
  return pixels;
}

const SMALL = [WIDTH / FACTOR, HEIGHT / FACTOR];
const mean = (x, y) => {
  const sum = [0, 0, 0];
  for (let dy = 0; dy < FACTOR; dy++)
    for (let dx = 0; dx < FACTOR; dx++)
      colorAt(x * FACTOR + dx, y * FACTOR + dy).forEach((value, channel) => {
        sum[channel] += value / FACTOR ** 2;
      });
  return sum;
};
const large = paint(WIDTH, HEIGHT, colorAt);
const small = paint(...SMALL, mean);
const smallAt = (x, y, channel) =>
  small[
    (Math.min(Math.max(y, 0), SMALL[1] - 1) * SMALL[0] + Math.min(Math.max(x, 0), SMALL[0] - 1)) * 3 + channel
  ];

function between(x, y) {
  const [sx, sy] = [(x + 0.5) / FACTOR - 0.5, (y + 0.5) / FACTOR - 0.5];
  const [left, top] = [Math.floor(sx), Math.floor(sy)];
  const [fx, fy] = [sx - left, sy - top];
  return [0, 1, 2].map(
    (channel) =>
      (smallAt(left, top, channel) * (1 - fx) + smallAt(left + 1, top, channel) * fx) * (1 - fy) +
      (smallAt(left, top + 1, channel) * (1 - fx) + smallAt(left + 1, top + 1, channel) * fx) * fy,
  );
}

const places = Buffer.alloc(WIDTH * HEIGHT);
for (let y = 0; y < HEIGHT; y++) for (let x = 0; x < WIDTH; x++) places[y * WIDTH + x] = classAt(x, y);
export const shares = CLASSES.map((_, place) => places.filter((one) => one === place).length / places.length);

// as the network gives it: a pixel's index is its class, and the palette has a color for each
const indices = places.map((place) => CLASSES[place].index);
const palette = Array.from(
  { length: 21 },
  (_, index) => CLASSES.find((one) => one.index === index)?.color ?? [1, 1, index],
);

const [TILE_W, TILE_H] = [WIDTH / 8, HEIGHT / 8];
const scores = Buffer.alloc(TILE_W * 2 * TILE_H * 2);
CLASSES.forEach((_, place) => {
  for (let y = 0; y < TILE_H; y++)
    for (let x = 0; x < TILE_W; x++) {
      let hits = 0;
      for (const [dx, dy] of [
        [0, 0],
        [4, 0],
        [0, 4],
        [4, 4],
      ])
        hits += classAt(x * 8 + dx, y * 8 + dy) === place;
      const row = Math.floor(place / 2) * TILE_H + y;
      scores[row * TILE_W * 2 + (place % 2) * TILE_W + x] = 30 + hits * 50;
    }
});
export const TILES = { tile_width: TILE_W, tile_height: TILE_H, rows: 2, columns: 2 };

export const harbor = rgbPng(WIDTH, HEIGHT, large);
export const smallHarbor = rgbPng(...SMALL, small);
export const harborFiles = {
  "mask.png": palettePng(WIDTH, HEIGHT, indices, palette),
  "scores.png": greyPng(TILE_W * 2, TILE_H * 2, scores),
  "enlarged.png": harbor,
  "bicubic.png": rgbPng(WIDTH, HEIGHT, paint(WIDTH, HEIGHT, between)),
};
