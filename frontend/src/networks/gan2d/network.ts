import { product } from "../product";
import type { Random } from "./random";

/** Rows of numbers, one after another. B is the number of rows, N of columns. */
export type Matrix = Float64Array<ArrayBuffer>;

export type Activation = "tanh" | "relu" | "linear";

/** Values that are learned, and the gradient of the loss by each of them. */
export interface Parameter {
  value: Matrix;
  gradient: Matrix;
}

/** y = f(W x + b): (B, inputs) -> (B, outputs); W is (outputs, inputs). */
export class Dense {
  readonly weight: Parameter;
  readonly bias: Parameter;
  private input: Matrix = new Float64Array(0); // of the last forward pass, for the gradients
  private output: Matrix = new Float64Array(0);

  /** The weights are uniform with the bound sqrt(6 / (inputs + outputs)) (Glorot and Bengio, 2010), the biases 0. */
  constructor(
    readonly inputs: number,
    readonly outputs: number,
    readonly activation: Activation,
    random: Random,
  ) {
    const bound = Math.sqrt(6 / (inputs + outputs));
    this.weight = parameter(inputs * outputs, () => (2 * random.uniform() - 1) * bound);
    this.bias = parameter(outputs, () => 0);
  }

  forward(x: Matrix): Matrix {
    const { inputs, outputs, activation } = this;
    const rows = x.length / inputs;
    const y = new Float64Array(rows * outputs);
    product(x, this.weight.value, y, rows, outputs, inputs, this.bias.value);
    if (activation === "tanh") for (let i = 0; i < y.length; i++) y[i] = Math.tanh(y[i]);
    if (activation === "relu") for (let i = 0; i < y.length; i++) y[i] = Math.max(y[i], 0);
    this.input = x;
    this.output = y;
    return y;
  }

  /** From dL/dy to dL/dx, both of the last forward pass; dL/dW and dL/db are added to the gradients. */
  backward(dy: Matrix): Matrix {
    const { inputs, outputs, activation, input, output, weight, bias } = this;
    const [values, weights, slopes] = [weight.value, weight.gradient, bias.gradient];
    const dx = new Float64Array((dy.length / outputs) * inputs);
    for (let place = 0, start = 0; place < dy.length; start += inputs)
      for (let to = 0; to < outputs; to++, place++) {
        const y = output[place];
        // f'(a) by y = f(a): 1 - tanh² a, 1 or 0 for ReLU
        const slope = activation === "tanh" ? 1 - y * y : activation === "relu" ? Number(y > 0) : 1;
        const da = dy[place] * slope;
        if (da === 0) continue;
        slopes[to] += da;
        for (let from = 0, at = to * inputs; from < inputs; from++, at++) {
          weights[at] += da * input[start + from];
          dx[start + from] += da * values[at];
        }
      }
    return dx;
  }
}

/** Dense layers: two hidden ones of `hidden` units and a linear one. */
export class Network {
  readonly layers: Dense[];
  readonly parameters: Parameter[];

  constructor(inputs: number, hidden: number, outputs: number, activation: Activation, random: Random) {
    this.layers = [
      new Dense(inputs, hidden, activation, random),
      new Dense(hidden, hidden, activation, random),
      new Dense(hidden, outputs, "linear", random),
    ];
    this.parameters = this.layers.flatMap(({ weight, bias }) => [weight, bias]);
  }

  forward(x: Matrix): Matrix {
    return this.layers.reduce((values, layer) => layer.forward(values), x);
  }

  /** From dL/d(output) to dL/d(input). */
  backward(dy: Matrix): Matrix {
    return this.layers.reduceRight((gradient, layer) => layer.backward(gradient), dy);
  }

  zeroGradients(): void {
    for (const { gradient } of this.parameters) gradient.fill(0);
  }
}

function parameter(length: number, initial: () => number): Parameter {
  return { value: Float64Array.from({ length }, initial), gradient: new Float64Array(length) };
}
