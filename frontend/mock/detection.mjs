// A detector's whole answer to the street: candidates around the true boxes, grid, feature maps.
import { greyPng } from "./png.mjs";
import { objects } from "./street.mjs";

const [WIDTH, HEIGHT, INPUT] = [800, 560, 224];
const LABELS = ["bicycle", "bird", "car", "cat", "dog", "person"];
const CAP = 300;

/** The same numbers at every start (mulberry32). */
function chance(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const rounded = (value, digits = 4) => Number(value.toFixed(digits));
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

function jittered(random, [x0, y0, x1, y1], amount) {
  const [width, height] = [x1 - x0, y1 - y0];
  const off = (size) => (random() - 0.5) * size * amount;
  return {
    xmin: rounded(clamp(x0 + off(width), 0, WIDTH), 1),
    ymin: rounded(clamp(y0 + off(height), 0, HEIGHT), 1),
    xmax: rounded(clamp(x1 + off(width), 0, WIDTH), 1),
    ymax: rounded(clamp(y1 + off(height), 0, HEIGHT), 1),
  };
}

function candidates() {
  const random = chance(7);
  const found = [];
  for (const { label, box, score } of objects) {
    found.push({ label, score, box: jittered(random, box, 0) });
    for (let index = 0; index < 25; index++) {
      const amount = 0.06 + 0.5 * random();
      found.push({
        label,
        score: rounded(score * (1 - amount) * (0.75 + 0.25 * random())),
        box: jittered(random, box, amount),
      });
    }
  }
  for (let index = 0; index < 90; index++) {
    const [x, y, size] = [random() * 700, random() * 460, 30 + random() * 120];
    found.push({
      label: LABELS[Math.floor(random() * LABELS.length)],
      score: rounded(0.02 + 0.2 * random() ** 2),
      box: jittered(random, [x, y, x + size, y + size * (0.6 + random() * 0.8)], 0),
    });
  }
  return found
    .sort((a, b) => b.score - a.score)
    .slice(0, CAP)
    .map((item, id) => ({
      id,
      ...item,
      objectness: rounded(Math.min(1, item.score * 1.06)),
      cell: cellOf(item.box),
    }));
}

function cellOf({ xmin, ymin, xmax, ymax }) {
  const level = levels()[1];
  const [x, y] = [(xmin + xmax) / 2, (ymin + ymax) / 2];
  return {
    level: 1,
    row: Math.floor((y - level.top) / level.cell_height),
    column: Math.floor((x - level.left) / level.cell_width),
    slot: 0,
  };
}

function overlap(a, b) {
  const width = Math.min(a.xmax, b.xmax) - Math.max(a.xmin, b.xmin);
  const height = Math.min(a.ymax, b.ymax) - Math.max(a.ymin, b.ymin);
  if (width <= 0 || height <= 0) return 0;
  const area = (box) => (box.xmax - box.xmin) * (box.ymax - box.ymin);
  return (width * height) / (area(a) + area(b) - width * height);
}

function judged(items, score, iou) {
  const kept = [];
  return items.map((item) => {
    if (item.score < score) return { ...item, status: "below", suppressed_by: null, iou: null };
    const rival = kept.find((other) => other.label === item.label && overlap(other.box, item.box) > iou);
    if (rival)
      return {
        ...item,
        status: "suppressed",
        suppressed_by: rival.id,
        iou: rounded(overlap(rival.box, item.box)),
      };
    kept.push(item);
    return { ...item, status: "kept", suppressed_by: null, iou: null };
  });
}

/** The letterboxed grid in pixels of the upload: the picture is wider than high, so rows begin above it. */
function levels() {
  const side = Math.max(WIDTH, HEIGHT);
  return [8, 16].map((stride) => {
    const count = INPUT / stride;
    return {
      name: `stride ${stride}`,
      stride,
      rows: count,
      columns: count,
      left: (WIDTH - side) / 2,
      top: (HEIGHT - side) / 2,
      cell_width: side / count,
      cell_height: side / count,
    };
  });
}

function grid() {
  const random = chance(11);
  return {
    width: WIDTH,
    height: HEIGHT,
    labels: LABELS,
    levels: levels().map((level) => {
      const cells = Array.from({ length: level.rows }, (_, row) =>
        Array.from({ length: level.columns }, (_, column) => cell(random, level, row, column)),
      );
      const objectness = cells.map((line) => line.map((boxes) => Math.max(...boxes.map((one) => one[4]))));
      return { ...level, boxes_per_cell: 2, objectness, cells };
    }),
  };
}

function cell(random, level, row, column) {
  const [x, y] = [
    level.left + (column + 0.5) * level.cell_width,
    level.top + (row + 0.5) * level.cell_height,
  ];
  return [0, 1].map((slot) => {
    const near = objects
      .map((one) => {
        const [x0, y0, x1, y1] = one.box;
        const distance = Math.hypot((x - (x0 + x1) / 2) / (x1 - x0), (y - (y0 + y1) / 2) / (y1 - y0));
        return { one, value: one.score * Math.exp(-(distance ** 2) * 14) };
      })
      .sort((a, b) => b.value - a.value)[0];
    const objectness = rounded(clamp(near.value * (slot ? 0.55 : 1) + 0.02 * random(), 0, 1), 3);
    const box = jittered(random, near.one.box, objectness > 0.1 ? 0.12 + slot * 0.2 : 1.4);
    const weights = LABELS.map(
      (label) => (label === near.one.label ? 6 * objectness + 0.4 : 0.1) * (0.6 + 0.4 * random()),
    );
    const sum = weights.reduce((total, value) => total + value, 0);
    const classes = weights.map((value) => rounded(value / sum, 3));
    return [box.xmin, box.ymin, box.xmax, box.ymax, objectness, ...classes];
  });
}

/** Grey tiles: blobs at the objects and edges between, another mixture in each channel. */
function atlas(seed, rows, columns, size) {
  const random = chance(seed);
  const [width, height] = [columns * size, rows * size];
  const pixels = Buffer.alloc(width * height);
  const minimum = [];
  const maximum = [];
  for (let channel = 0; channel < rows * columns; channel++) {
    const gains = objects.map(() => random() ** 2);
    const [fx, fy, phase, stripes] = [random() * 6, random() * 6, random() * 6, random() * 0.35];
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        const [px, py] = [(x / size) * 800, (y / size) * 800 - 120];
        let value = stripes * (0.5 + 0.5 * Math.sin((x / size) * fx * 6 + (y / size) * fy * 6 + phase));
        objects.forEach(({ box: [x0, y0, x1, y1] }, index) => {
          const distance = Math.hypot((px - (x0 + x1) / 2) / (x1 - x0), (py - (y0 + y1) / 2) / (y1 - y0));
          value += gains[index] * Math.exp(-(distance ** 2) * 5);
        });
        const place = (Math.floor(channel / columns) * size + y) * width + (channel % columns) * size + x;
        pixels[place] = clamp(value, 0, 1) * 255;
      }
    }
    minimum.push(0);
    maximum.push(rounded(2 + 5 * Math.max(...gains), 2));
  }
  return { png: greyPng(width, height, pixels), minimum, maximum };
}

const maps = [
  { name: "stride 8", file: "stride8.png", rows: 6, columns: 8, size: 28 },
  { name: "stride 16", file: "stride16.png", rows: 8, columns: 12, size: 14 },
].map((one, index) => ({ ...one, ...atlas(index + 21, one.rows, one.columns, one.size) }));

export const files = Object.fromEntries(maps.map(({ file, png: data }) => [file, data]));

const featureMaps = {
  levels: maps.map(({ name, file, rows, columns, size, minimum, maximum }) => ({
    name,
    file,
    rows,
    columns,
    tile_width: size,
    tile_height: size,
    channels: rows * columns,
    minimum,
    maximum,
  })),
};

const all = candidates();

/** The stages' data for one pair of thresholds. */
export function detect({ score = 0.25, iou = 0.5 } = {}) {
  const boxes = judged(all, score, iou);
  const count = (status) => boxes.filter((item) => item.status === status).length;
  const shared = { width: WIDTH, height: HEIGHT, total: 1568, cap: CAP, defaults: { score, iou }, boxes };
  const kept = boxes.filter((item) => item.status === "kept");
  return {
    result: {
      objects: kept.map(({ id, label, score: own, box }) => ({ id, label, score: own, box })),
      image: { width: WIDTH, height: HEIGHT },
      funnel: {
        candidates: 1568,
        above_threshold: count("kept") + count("suppressed"),
        suppressed: count("suppressed"),
        kept: kept.length,
      },
    },
    stages: {
      input: { file: "input.svg", width: INPUT, height: INPUT, alt: "The picture as the network sees it" },
      backbone: featureMaps,
      grid: grid(),
      candidates: { ...shared, show: "candidates" },
      suppression: { ...shared, show: "suppressed" },
      boxes: { ...shared, show: "kept" },
    },
    counts: { candidates: 1568, suppression: count("suppressed"), boxes: kept.length },
  };
}
