// Three blobs of points and how k-means finds them, step by step.

const GROUPS = ["1", "2", "3"];
const [POINTS, STEPS] = [120, 8];

/** The same points at every start: a low-discrepancy sequence bent into three blobs. */
function points() {
  const middles = [
    [2, 2],
    [6, 3],
    [4, 6],
  ];
  return Array.from({ length: POINTS }, (_, index) => {
    const [x, y] = middles[index % 3];
    const [angle, radius] = [index * 2.399963, Math.sqrt(index / POINTS) * 1.5];
    return [x + Math.cos(angle) * radius, y + Math.sin(angle) * radius * 0.8].map(
      (value) => +value.toFixed(3),
    );
  });
}

const away = ([x0, y0], [x1, y1]) => (x0 - x1) ** 2 + (y0 - y1) ** 2;

function steps(all) {
  let centers = [all[0], all[3], all[6]];
  let before = null;
  return Array.from({ length: STEPS }, () => {
    const labels = all.map((point) => {
      const distances = centers.map((center) => away(point, center));
      return distances.indexOf(Math.min(...distances));
    });
    const inertia = all.reduce((sum, point, index) => sum + away(point, centers[labels[index]]), 0);
    const changed = before ? labels.filter((label, index) => label !== before[index]).length : POINTS;
    const step = { labels, centers, values: [+inertia.toFixed(2), changed] };
    before = labels;
    centers = GROUPS.map((_, group) => {
      const own = all.filter((_, index) => labels[index] === group);
      return [0, 1].map((axis) => own.reduce((sum, point) => sum + point[axis], 0) / Math.max(own.length, 1));
    });
    return step;
  });
}

const all = points();

export const table = `length,width\n${all.map((point) => point.join(",")).join("\n")}\n`;
export const rows = all.length;
export const iterations = {
  x_label: "length",
  y_label: "width",
  total: all.length,
  groups: GROUPS,
  rows: all.map((_, index) => index + 2),
  points: all,
  measures: ["inertia", "changed"],
  steps: steps(all),
};

const column = (name, axis) => {
  const values = all.map((point) => point[axis]);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const counts = Array.from({ length: 20 }, () => 0);
  for (const value of values) counts[Math.min(Math.floor(((value - low) / (high - low)) * 20), 19)] += 1;
  const edges = Array.from({ length: 21 }, (_, index) => low + ((high - low) * index) / 20);
  return {
    name,
    type: "number",
    missing: 0,
    wrong: 0,
    distinct: new Set(values).size,
    smallest: low,
    largest: high,
    mean: values.reduce((sum, value) => sum + value, 0) / values.length,
    histogram: { counts, edges, words: [] },
  };
};

export const report = {
  rows,
  delimiter: ",",
  encoding: "utf-8",
  has_header: true,
  columns: [column("length", 0), column("width", 1)],
  problems: [],
  problems_total: 0,
};
