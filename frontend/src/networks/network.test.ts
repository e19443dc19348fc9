import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type Layer, lengthOf } from "./layers";
import { type Network, networkOf } from "./network";
import { product, rowsOf } from "./product";

interface Case {
  name: string;
  layers: Layer[];
  weights: string;
  z: number[][];
  labels: number[];
  shape: [channels: number, height: number, width: number];
  outputs: number[][];
}

const golden: { cases: Case[] } = JSON.parse(
  readFileSync(new URL("./decode.golden.json", import.meta.url), "utf8"),
);
const floats = (text: string) => new Float32Array(Uint8Array.from(Buffer.from(text, "base64")).buffer);

/** The output in PyTorch's order: channel by channel. */
function channelsFirst(network: Network, values: Float32Array): number[] {
  const { channels } = network.shape;
  return Array.from({ length: channels }, (_, channel) =>
    [...values].filter((_, index) => index % channels === channel),
  ).flat();
}

describe.each(golden.cases)("the network with $name", ({ layers, weights, z, labels, shape, outputs }) => {
  test("computes what PyTorch does, and again in another order", () => {
    const network = networkOf(layers, floats(weights), z[0].length);
    expect([network.shape.channels, network.shape.height, network.shape.width]).toEqual(shape);
    for (const index of [0, 1, 2, 1, 0]) {
      const output = channelsFirst(network, network.run(z[index], labels[index]));
      expect(output.length).toBe(outputs[index].length);
      const furthest = Math.max(...output.map((value, at) => Math.abs(value - outputs[index][at])));
      expect(furthest).toBeLessThan(2e-5);
    }
  });

  test("refuses weights that are too few or too many", () => {
    const values = floats(weights);
    expect(() => networkOf(layers, values.subarray(1), z[0].length)).toThrow("too early");
    expect(() => networkOf(layers, Float32Array.from([...values, 0]), z[0].length)).toThrow("1 values more");
  });
});

test("a product of matrices of odd sizes adds the bias to each row", () => {
  const [rows, columns, length] = [5, 3, 2];
  const a = rowsOf(rows, length);
  const b = rowsOf(columns, length);
  a.set([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  b.set([1, 0, 0, 1, 1, 1]);
  const out = new Float32Array(rows * columns);
  product(a, b, out, rows, columns, length, Float32Array.of(10, 20, 30));
  expect([...out]).toEqual([11, 22, 33, 13, 24, 37, 15, 26, 41, 17, 28, 45, 19, 30, 49]);
});

/** 64 numbers to 28 × 28 pixels by two transposed convolutions: 242,000 weights. */
const DECODER: Layer[] = [
  { op: "linear", inputs: 64, outputs: 48 * 49 },
  { op: "reshape", shape: [48, 7, 7] },
  { op: "relu" },
  { op: "conv-transpose", inputs: 48, outputs: 64, kernel: 4, stride: 2, padding: 1 },
  { op: "relu" },
  { op: "conv-transpose", inputs: 64, outputs: 32, kernel: 4, stride: 2, padding: 1 },
  { op: "relu" },
  { op: "conv", inputs: 32, outputs: 1, kernel: 3, stride: 1, padding: 1 },
  { op: "sigmoid" },
];
const COUNT = 64 * 2352 + 2352 + 48 * 64 * 16 + 64 + 64 * 32 * 16 + 32 + 32 * 9 + 1;

test("a decoder of 240,000 weights is fast enough to follow a slider", () => {
  const network = networkOf(DECODER, new Float32Array(COUNT).fill(0.01), 64);
  expect(lengthOf(network.shape)).toBe(28 * 28);
  const z = Array.from({ length: 64 }, (_, index) => Math.sin(index));
  const run = () => {
    const start = performance.now();
    network.run(z);
    return performance.now() - start;
  };
  const fastest = Math.min(...Array.from({ length: 20 }, run));
  expect(fastest).toBeLessThan(50); // 7 ms on two shared cores; machines of tests may be slower
});
