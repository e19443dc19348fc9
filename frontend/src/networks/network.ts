import { conv, convTranspose, type Step } from "./convolutions";
import { type Layer, type LayerOf, lengthOf, type Shape, Weights } from "./layers";

/** A network that runs in the page. */
export interface Network {
  /** Of its output: row by row, the channels of a pixel side by side. */
  shape: Shape;
  /** The output for an input and, where the network is conditional, a class; overwritten by the next run. */
  run: (input: ArrayLike<number>, label?: number) => Float32Array;
}

/** The layers with their weights. Throws an Error: the weights do not fit the layers. */
export function networkOf(layers: Layer[], values: Float32Array, inputs: number): Network {
  const weights = new Weights(values);
  const condition: Condition = { values: new Float32Array(inputs), label: 0 };
  const steps: Step[] = [];
  let shape: Shape = { height: 1, width: 1, channels: inputs };
  for (const layer of layers) {
    const step = stepOf(layer, shape, weights, condition);
    steps.push(step);
    shape = step.shape;
  }
  if (weights.left > 0) throw new Error(`the weights have ${weights.left} values more than the layers`);
  return {
    shape,
    run: (input, label = 0) => {
      const x = Float32Array.from(input);
      condition.values = x;
      condition.label = label;
      return steps.reduce<Float32Array>((values, step) => step.run(values), x);
    },
  };
}

/** The network's input, with the row of its class where there is one: what conditional layers look at. */
interface Condition {
  values: Float32Array;
  label: number;
}

function stepOf(layer: Layer, shape: Shape, weights: Weights, condition: Condition): Step {
  switch (layer.op) {
    case "embed":
      return embed(layer, shape, weights, condition);
    case "linear":
      return linear(layer, weights);
    case "reshape":
      return reshape(layer);
    case "conv":
      return conv(layer as LayerOf<"conv">, shape, weights);
    case "conv-transpose":
      return convTranspose(layer as LayerOf<"conv-transpose">, shape, weights);
    case "scale-shift":
      return scaleShift(layer, shape, weights);
    case "conditional-norm":
      return conditionalNorm(layer, shape, weights, condition);
    case "upsample":
      return upsample(layer, shape);
    case "leaky-relu":
      return each(shape, (value) => (value < 0 ? value * layer.slope : value));
    case "relu":
      return each(shape, (value) => (value < 0 ? 0 : value));
    case "sigmoid":
      return each(shape, (value) => 1 / (1 + Math.exp(-value)));
    case "tanh":
      return each(shape, Math.tanh);
  }
}

function embed(layer: LayerOf<"embed">, shape: Shape, weights: Weights, condition: Condition): Step {
  const { classes, features } = layer;
  const table = weights.take(classes * features);
  const out = new Float32Array(shape.channels + features);
  return {
    shape: { ...shape, channels: out.length },
    run: (x) => {
      const from = condition.label * features;
      out.set(x);
      out.set(table.subarray(from, from + features), x.length);
      condition.values = out;
      return out;
    },
  };
}

/** weight (outputs, inputs) and bias (outputs): W x + b. */
function affine(inputs: number, outputs: number, weights: Weights): (x: Float32Array) => Float32Array {
  const weight = weights.take(outputs * inputs);
  const bias = weights.take(outputs);
  const out = new Float32Array(outputs);
  return (x) => {
    for (let o = 0, at = 0; o < outputs; o++) {
      let sum = bias[o];
      for (let i = 0; i < inputs; i++, at++) sum += weight[at] * x[i];
      out[o] = sum;
    }
    return out;
  };
}

function linear({ inputs, outputs }: LayerOf<"linear">, weights: Weights): Step {
  return { shape: { height: 1, width: 1, channels: outputs }, run: affine(inputs, outputs, weights) };
}

/** From a list in the order (channels, height, width) to pixels with their channels side by side. */
function reshape({ shape: [channels, height, width] }: LayerOf<"reshape">): Step {
  const area = height * width;
  const out = new Float32Array(channels * area);
  return {
    shape: { height, width, channels },
    run: (x) => {
      for (let channel = 0, at = 0; channel < channels; channel++)
        for (let pixel = 0; pixel < area; pixel++, at++) out[pixel * channels + channel] = x[at];
      return out;
    },
  };
}

function scaleShift({ channels }: LayerOf<"scale-shift">, shape: Shape, weights: Weights): Step {
  const scale = weights.take(channels);
  const shift = weights.take(channels);
  return perChannel(shape, () => [scale, shift]);
}

/** Batch normalization whose scale and shift depend on the condition e: y (1 + gain(e)) + offset(e). */
function conditionalNorm(
  { channels, features }: LayerOf<"conditional-norm">,
  shape: Shape,
  weights: Weights,
  condition: Condition,
): Step {
  const scale = weights.take(channels);
  const shift = weights.take(channels);
  const gainOf = affine(features, channels, weights);
  const offsetOf = affine(features, channels, weights);
  return perChannel(shape, () => {
    const gain = gainOf(condition.values);
    const offset = offsetOf(condition.values);
    return [
      scale.map((value, index) => value * (1 + gain[index])),
      shift.map((value, index) => value * (1 + gain[index]) + offset[index]),
    ];
  });
}

function perChannel(shape: Shape, factors: () => [scale: Float32Array, shift: Float32Array]): Step {
  const out = new Float32Array(lengthOf(shape));
  const { channels } = shape;
  return {
    shape,
    run: (x) => {
      const [scale, shift] = factors();
      for (let at = 0; at < out.length; at += channels)
        for (let channel = 0; channel < channels; channel++)
          out[at + channel] = x[at + channel] * scale[channel] + shift[channel];
      return out;
    },
  };
}

/** Nearest neighbor: each pixel becomes `factor` × `factor` pixels. */
function upsample({ factor }: LayerOf<"upsample">, { height, width, channels }: Shape): Step {
  const shape = { height: height * factor, width: width * factor, channels };
  const out = new Float32Array(lengthOf(shape));
  return {
    shape,
    run: (x) => {
      for (let row = 0, at = 0; row < shape.height; row++)
        for (let column = 0; column < shape.width; column++) {
          const from = (Math.floor(row / factor) * width + Math.floor(column / factor)) * channels;
          for (let channel = 0; channel < channels; channel++, at++) out[at] = x[from + channel];
        }
      return out;
    },
  };
}

function each(shape: Shape, of: (value: number) => number): Step {
  const out = new Float32Array(lengthOf(shape));
  return {
    shape,
    run: (x) => {
      for (let at = 0; at < out.length; at++) out[at] = of(x[at]);
      return out;
    },
  };
}
