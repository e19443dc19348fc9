const BLOCK = 4;

type Values = Float32Array | Float64Array;

/** Zeros for a matrix of `rows` x `length`, with further rows up to a multiple of the product's block. */
export const rowsOf = (rows: number, length: number): Float32Array =>
  new Float32Array(Math.ceil(rows / BLOCK) * BLOCK * length);

/**
 * out[i][j] = Σₖ a[i][k] b[j][k] + bias[j], for matrices with the common row length `length`. Four rows of `a` meet two of `b` at
 * a time: each value that is read serves several products, which makes it about three times as fast. Matrices of `rowsOf` have
 * all of the last block; without its rows the result is the same, but slower.
 */
export function product(
  a: Values,
  b: Values,
  out: Values,
  rows: number,
  columns: number,
  length: number,
  bias?: Values,
): void {
  for (let i = 0; i < rows; i += BLOCK) {
    const [a0, a1, a2, a3] = [i * length, (i + 1) * length, (i + 2) * length, (i + 3) * length];
    for (let j = 0; j < columns; j += 2) {
      const [b0, b1] = [j * length, (j + 1) * length];
      const [first, second] = [bias?.[j] ?? 0, bias?.[j + 1] ?? 0];
      let [s00, s10, s20, s30] = [first, first, first, first];
      let [s01, s11, s21, s31] = [second, second, second, second];
      for (let k = 0; k < length; k++) {
        const x = b[b0 + k];
        const y = b[b1 + k];
        const v0 = a[a0 + k];
        const v1 = a[a1 + k];
        const v2 = a[a2 + k];
        const v3 = a[a3 + k];
        s00 += v0 * x;
        s01 += v0 * y;
        s10 += v1 * x;
        s11 += v1 * y;
        s20 += v2 * x;
        s21 += v2 * y;
        s30 += v3 * x;
        s31 += v3 * y;
      }
      const isWhole = j + 1 < columns;
      const put = i * columns + j;
      const left = rows - i;
      out[put] = s00;
      if (isWhole) out[put + 1] = s01;
      if (left > 1) out[put + columns] = s10;
      if (left > 1 && isWhole) out[put + columns + 1] = s11;
      if (left > 2) out[put + 2 * columns] = s20;
      if (left > 2 && isWhole) out[put + 2 * columns + 1] = s21;
      if (left > 3) out[put + 3 * columns] = s30;
      if (left > 3 && isWhole) out[put + 3 * columns + 1] = s31;
    }
  }
}
