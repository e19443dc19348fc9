import type { Parameter } from "./network";

export type OptimizerName = "adam" | "sgd";

export interface Optimizer {
  /** One step against the gradients. */
  step(rate: number): void;
}

const BETA_1 = 0.5; // less momentum than usual: Radford et al. 2016 found GANs to oscillate with 0.9
const BETA_2 = 0.999;
const EPSILON = 1e-8;

/** Adam (Kingma and Ba, 2015, arXiv:1412.6980), with the first moment's decay of DCGAN. */
export class Adam implements Optimizer {
  private readonly moments: { first: Float64Array; second: Float64Array }[];
  private time = 0;

  constructor(private readonly parameters: Parameter[]) {
    this.moments = parameters.map(({ value }) => ({
      first: new Float64Array(value.length),
      second: new Float64Array(value.length),
    }));
  }

  step(rate: number): void {
    this.time++;
    const [first, second] = [1 - BETA_1 ** this.time, 1 - BETA_2 ** this.time];
    for (const [index, { value, gradient }] of this.parameters.entries()) {
      const moments = this.moments[index];
      for (let i = 0; i < value.length; i++) {
        moments.first[i] = BETA_1 * moments.first[i] + (1 - BETA_1) * gradient[i];
        moments.second[i] = BETA_2 * moments.second[i] + (1 - BETA_2) * gradient[i] ** 2;
        const scale = Math.sqrt(moments.second[i] / second) + EPSILON;
        value[i] -= (rate * moments.first[i]) / first / scale;
      }
    }
  }
}

/** Plain gradient descent. */
export class Sgd implements Optimizer {
  constructor(private readonly parameters: Parameter[]) {}

  step(rate: number): void {
    for (const { value, gradient } of this.parameters)
      for (let i = 0; i < value.length; i++) value[i] -= rate * gradient[i];
  }
}

export const optimizerOf = (name: OptimizerName, parameters: Parameter[]): Optimizer =>
  name === "adam" ? new Adam(parameters) : new Sgd(parameters);
