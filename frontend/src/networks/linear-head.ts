/**
 * A linear layer on features: standardization, then multinomial logistic regression, as
 * models/classification/head.py fits it with its defaults (C = 1, classes weigh alike).
 */

export interface Head {
  mean: Float64Array;
  deviation: Float64Array;
  weights: Float64Array[]; // of each class
  bias: number[];
}

export type Features = ArrayLike<number>;

const TOLERANCE = 1e-6; // of the largest element of the gradient, per picture
const NEWTON_STEPS = 40;
const CONJUGATE_STEPS = 100;
const HALVINGS = 30;

/** The head that minimizes the loss on pictures with these features and classes. */
export function fitHead(features: Features[], labels: number[], classes: number): Head {
  const { mean, deviation, rows } = standardized(features);
  const places = placesInSpan(rows); // the optimum lies in the span of the pictures
  const counts = new Array<number>(classes).fill(0);
  for (const label of labels) counts[label]++;
  const present = counts.filter((count) => count > 0).length;
  const importance = labels.map((label) => labels.length / (present * counts[label]));
  const found = minimize(places, labels, classes, importance, classes === 2 ? 2 : 1);
  const shift = found.bias.reduce((sum, value) => sum + value, 0) / classes;
  // w = sum of a_i x_i with L^T a = v for the places L = chol(X X^T)
  const weights = found.weights.map((v) => combined(rows, solveTransposed(places, v)));
  return { mean, deviation, weights, bias: found.bias.map((value) => value - shift) };
}

/** Of each class. */
export function probabilities({ mean, deviation, weights, bias }: Head, features: Features): number[] {
  return softmax(
    weights.map((own, index) => {
      let sum = bias[index];
      for (let f = 0; f < own.length; f++) sum += (own[f] * (features[f] - mean[f])) / deviation[f];
      return sum;
    }),
  );
}

function standardized(features: Features[]) {
  const count = features.length;
  const size = features[0].length;
  const mean = new Float64Array(size);
  const deviation = new Float64Array(size);
  for (const row of features) for (let f = 0; f < size; f++) mean[f] += row[f] / count;
  for (const row of features) for (let f = 0; f < size; f++) deviation[f] += (row[f] - mean[f]) ** 2 / count;
  for (let f = 0; f < size; f++) {
    const own = Math.sqrt(deviation[f]);
    deviation[f] = own > 1e-6 ? own : 1;
  }
  const rows = features.map((row) => Float64Array.from(mean, (m, f) => (row[f] - m) / deviation[f]));
  return { mean, deviation, rows };
}

/** Coordinates of the rows in an orthonormal basis of their span: L of L L^T = X X^T, lower triangular. */
function placesInSpan(rows: Float64Array[]): Float64Array[] {
  const count = rows.length;
  const places = rows.map(() => new Float64Array(count));
  for (let i = 0; i < count; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = dot(rows[i], rows[j]);
      for (let k = 0; k < j; k++) sum -= places[i][k] * places[j][k];
      // a picture in the span of the earlier ones adds no direction
      if (i === j) places[i][i] = Math.sqrt(Math.max(sum, 1e-9 * (1 + dot(rows[i], rows[i]))));
      else places[i][j] = sum / places[j][j];
    }
  }
  return places;
}

/** a of L^T a = v. */
function solveTransposed(places: Float64Array[], v: Float64Array): Float64Array {
  const a = Float64Array.from(v);
  for (let i = a.length - 1; i >= 0; i--) {
    a[i] /= places[i][i];
    for (let k = 0; k < i; k++) a[k] -= places[i][k] * a[i];
  }
  return a;
}

function combined(rows: Float64Array[], a: Float64Array): Float64Array {
  const sum = new Float64Array(rows[0].length);
  rows.forEach((row, i) => {
    for (let f = 0; f < sum.length; f++) sum[f] += a[i] * row[f];
  });
  return sum;
}

function dot(one: Float64Array, other: Float64Array): number {
  let sum = 0;
  for (let f = 0; f < one.length; f++) sum += one[f] * other[f];
  return sum;
}

function softmax(logits: number[]): number[] {
  const peak = Math.max(...logits);
  const shifted = logits.map((logit) => Math.exp(logit - peak));
  const total = shifted.reduce((sum, value) => sum + value, 0);
  return shifted.map((value) => value / total);
}

type Matrix = Float64Array[]; // by class: the weights, and last the bias

/** Newton's method with conjugate gradients, as models/classification/logistic.py. */
function minimize(
  x: Float64Array[],
  labels: number[],
  classes: number,
  importance: number[],
  penalty: number,
) {
  const size = x[0].length;
  const rowsOf = Array.from({ length: classes }, (_, index) => index);
  const zeros = (): Matrix => rowsOf.map(() => new Float64Array(size + 1));
  const logit = (w: Matrix, i: number, c: number) => {
    let sum = w[c][size];
    for (let k = 0; k <= i; k++) sum += w[c][k] * x[i][k]; // lower triangular
    return sum;
  };
  /** x^T of values by picture and class, plus the penalty's part. */
  const back = (values: number[][], w: Matrix): Matrix => {
    const sum = zeros();
    for (const c of rowsOf) {
      for (let i = 0; i < x.length; i++) {
        const value = values[i][c];
        for (let k = 0; k <= i; k++) sum[c][k] += value * x[i][k];
        sum[c][size] += value;
      }
      for (let k = 0; k < size; k++) sum[c][k] += penalty * w[c][k];
    }
    return sum;
  };
  const loss = (w: Matrix) => {
    let sum = 0;
    for (let i = 0; i < x.length; i++) {
      const logits = rowsOf.map((c) => logit(w, i, c));
      const peak = Math.max(...logits);
      const total = logits.reduce((all, each) => all + Math.exp(each - peak), 0);
      sum += importance[i] * (peak + Math.log(total) - logits[labels[i]]);
    }
    for (const c of rowsOf) for (let k = 0; k < size; k++) sum += 0.5 * penalty * w[c][k] ** 2;
    return sum;
  };
  const enough = TOLERANCE * importance.reduce((sum, value) => sum + value, 0);
  let w = zeros();
  for (let step = 0; step < NEWTON_STEPS; step++) {
    const p = x.map((_, i) => softmax(rowsOf.map((c) => logit(w, i, c))));
    const errors = p.map((own, i) =>
      own.map((value, c) => importance[i] * (value - (labels[i] === c ? 1 : 0))),
    );
    const gradient = back(errors, w);
    if (largest(gradient) <= enough) break;
    const curvature = (v: Matrix): Matrix => {
      const values = p.map((own, i) => {
        const s = rowsOf.map((c) => logit(v, i, c));
        const mean = own.reduce((sum, value, c) => sum + value * s[c], 0);
        return own.map((value, c) => importance[i] * value * (s[c] - mean));
      });
      return back(values, v);
    };
    const direction = conjugateGradients(curvature, scaled(gradient, -1));
    const slope = product(gradient, direction);
    const before = loss(w);
    let length = 1;
    let next = added(w, direction, length);
    for (let tries = 0; tries < HALVINGS && loss(next) > before + 1e-4 * length * slope; tries++) {
      length /= 2;
      next = added(w, direction, length);
    }
    w = next;
  }
  return { weights: w.map((own) => own.slice(0, size)), bias: w.map((own) => own[size]) };
}

/** x with multiply(x) near the target: the nearer, the smaller the target is. */
function conjugateGradients(multiply: (v: Matrix) => Matrix, target: Matrix): Matrix {
  let x = scaled(target, 0);
  let residual = target;
  let direction = residual;
  let size = product(residual, residual);
  const enough = size * Math.min(0.25, Math.sqrt(size)) ** 2;
  for (let step = 0; step < CONJUGATE_STEPS; step++) {
    const image = multiply(direction);
    const along = product(direction, image);
    if (along <= 0 || size <= enough) break;
    x = added(x, direction, size / along);
    residual = added(residual, image, -size / along);
    const before = size;
    size = product(residual, residual);
    direction = added(residual, direction, size / before);
  }
  return x;
}

const scaled = (m: Matrix, by: number): Matrix => m.map((row) => row.map((value) => by * value));
const added = (one: Matrix, other: Matrix, by: number): Matrix =>
  one.map((row, c) => row.map((value, k) => value + by * other[c][k]));
const product = (one: Matrix, other: Matrix): number =>
  one.reduce((sum, row, c) => sum + dot(row, other[c]), 0);
const largest = (m: Matrix): number =>
  Math.max(...m.map((row) => row.reduce((a, b) => Math.max(a, Math.abs(b)), 0)));

const FOLDS = 5;

/** Of how many pictures a head that did not learn from them names the class; null: a class has only one. */
export function crossValidated(
  features: Features[],
  labels: number[],
  classes: number,
): { right: number; total: number } | null {
  const seen = new Array<number>(classes).fill(0);
  const fold = labels.map((label) => seen[label]++ % FOLDS);
  if (seen.some((count) => count === 1)) return null;
  let right = 0;
  for (let index = 0; index < FOLDS; index++) {
    const learned = labels.flatMap((_, i) => (fold[i] === index ? [] : i));
    const held = labels.flatMap((_, i) => (fold[i] === index ? i : []));
    if (held.length === 0 || new Set(learned.map((i) => labels[i])).size < 2) continue;
    const head = fitHead(
      learned.map((i) => features[i]),
      learned.map((i) => labels[i]),
      classes,
    );
    for (const i of held) {
      const found = probabilities(head, features[i]);
      if (found.indexOf(Math.max(...found)) === labels[i]) right++;
    }
  }
  return { right, total: labels.length };
}
