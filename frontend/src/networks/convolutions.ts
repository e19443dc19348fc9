import type { LayerOf, Shape, Weights } from "./layers";
import { product, rowsOf } from "./product";

/** A layer whose shapes are known: it overwrites `out` at each run. */
export interface Step {
  shape: Shape; // of `out`
  run: (x: Float32Array) => Float32Array;
}

/** Convolution as one product of matrices: the patch around each output pixel times the kernels. */
export function conv(layer: LayerOf<"conv">, { height, width, channels }: Shape, weights: Weights): Step {
  const { inputs, outputs, kernel, stride, padding } = layer;
  const size = (side: number) => Math.floor((side + 2 * padding - kernel) / stride) + 1;
  const shape = { height: size(height), width: size(width), channels: outputs };
  const length = kernel * kernel * inputs;
  // (outputs, inputs, kernel, kernel) -> (outputs, kernel, kernel, inputs): the order of a patch
  const given = weights.take(outputs * length);
  const kernels = rowsOf(outputs, length);
  const area = kernel * kernel;
  for (let o = 0; o < outputs; o++)
    for (let i = 0; i < inputs; i++)
      for (let k = 0; k < area; k++)
        kernels[o * length + k * inputs + i] = given[(o * inputs + i) * area + k];
  const bias = weights.take(outputs);
  const pixels = shape.height * shape.width;
  const patches = rowsOf(pixels, length);
  const out = new Float32Array(pixels * outputs);

  const unfold = (x: Float32Array) => {
    let at = 0;
    for (let row = 0; row < shape.height; row++)
      for (let column = 0; column < shape.width; column++)
        for (let ky = 0; ky < kernel; ky++) {
          const top = row * stride + ky - padding;
          for (let kx = 0; kx < kernel; kx++, at += inputs) {
            const left = column * stride + kx - padding;
            if (top < 0 || left < 0 || top >= height || left >= width) continue; // stays zero
            const from = (top * width + left) * channels;
            for (let i = 0; i < inputs; i++) patches[at + i] = x[from + i];
          }
        }
  };
  return {
    shape,
    run: (x) => {
      unfold(x);
      product(patches, kernels, out, pixels, outputs, length, bias);
      return out;
    },
  };
}

/** Transposed convolution: each input pixel stamps its kernels, weighted by its values, into the output. */
export function convTranspose(layer: LayerOf<"conv-transpose">, input: Shape, weights: Weights): Step {
  const { inputs, outputs, kernel, stride, padding } = layer;
  const size = (side: number) => (side - 1) * stride - 2 * padding + kernel;
  const shape = { height: size(input.height), width: size(input.width), channels: outputs };
  const area = kernel * kernel;
  // (inputs, outputs, kernel, kernel) -> (kernel, kernel, outputs, inputs): one row for each value of a stamp
  const given = weights.take(inputs * outputs * area);
  const kernels = rowsOf(area * outputs, inputs);
  for (let i = 0; i < inputs; i++)
    for (let o = 0; o < outputs; o++)
      for (let k = 0; k < area; k++)
        kernels[(k * outputs + o) * inputs + i] = given[(i * outputs + o) * area + k];
  const bias = weights.take(outputs);
  const pixels = input.height * input.width;
  const rows = rowsOf(pixels, inputs);
  const stamps = new Float32Array(pixels * area * outputs);
  const out = new Float32Array(shape.height * shape.width * outputs);

  const fold = () => {
    let at = 0;
    for (let row = 0; row < input.height; row++)
      for (let column = 0; column < input.width; column++)
        for (let ky = 0; ky < kernel; ky++) {
          const top = row * stride + ky - padding;
          for (let kx = 0; kx < kernel; kx++, at += outputs) {
            const left = column * stride + kx - padding;
            if (top < 0 || left < 0 || top >= shape.height || left >= shape.width) continue;
            const to = (top * shape.width + left) * outputs;
            for (let o = 0; o < outputs; o++) out[to + o] += stamps[at + o];
          }
        }
  };
  return {
    shape,
    run: (x) => {
      rows.set(x);
      product(rows, kernels, stamps, pixels, area * outputs, inputs);
      for (let at = 0; at < out.length; at += outputs) out.set(bias, at);
      fold();
      return out;
    },
  };
}
