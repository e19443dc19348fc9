import { type GanLoss, LOSSES, type LossName, mean } from "./losses";
import { type Activation, type Matrix, Network } from "./network";
import { type Optimizer, type OptimizerName, optimizerOf } from "./optimizer";
import { Random } from "./random";

export interface GanConfig {
  hidden: number;
  activation: Activation;
  loss: LossName;
  optimizer: OptimizerName;
  seed: number;
}

/**
 * Two networks that learn against each other (Goodfellow et al. 2014, arXiv:1406.2661): the generator makes points
 * of the plane from latent points z, the discriminator judges whether a point is real.
 */
export class Gan {
  readonly generator: Network;
  readonly discriminator: Network;
  readonly loss: GanLoss;
  private readonly ofGenerator: Optimizer;
  private readonly ofDiscriminator: Optimizer;

  constructor({ hidden, activation, loss, optimizer, seed }: GanConfig) {
    const random = new Random(seed);
    this.generator = new Network(2, hidden, 2, activation, random);
    this.discriminator = new Network(2, hidden, 1, activation, random);
    this.loss = LOSSES[loss];
    this.ofGenerator = optimizerOf(optimizer, this.generator.parameters);
    this.ofDiscriminator = optimizerOf(optimizer, this.discriminator.parameters);
  }

  /** z (B, 2) -> points (B, 2). */
  generate(z: Matrix): Matrix {
    return this.generator.forward(z);
  }

  /** The discriminator learns to distinguish real points (B, 2) from those made of z (B, 2): its loss. */
  stepDiscriminator(real: Matrix, z: Matrix, rate: number): number {
    const { discriminator } = this;
    const fake = this.generate(z);
    discriminator.zeroGradients();
    const onReal = mean(this.loss.real, discriminator.forward(real));
    discriminator.backward(onReal.gradient);
    const onFake = mean(this.loss.fake, discriminator.forward(fake));
    discriminator.backward(onFake.gradient);
    this.ofDiscriminator.step(rate);
    return onReal.loss + onFake.loss;
  }

  /** The generator learns to make points that the discriminator takes for real: its loss. */
  stepGenerator(z: Matrix, rate: number): number {
    const { generator, discriminator } = this;
    generator.zeroGradients();
    const evaluated = mean(this.loss.generator, discriminator.forward(this.generate(z)));
    generator.backward(discriminator.backward(evaluated.gradient)); // the discriminator itself stays
    this.ofGenerator.step(rate);
    return evaluated.loss;
  }

  /** For points (B, 2): certainty that each is real, in [0, 1]. */
  verdicts(points: Matrix): Float64Array {
    return this.discriminator.forward(points).map(this.loss.verdict);
  }

  /** For points (B, 2): the direction in which the generator's loss falls at each, which is where it is pushed. */
  pushes(points: Matrix): Matrix {
    const outputs = this.discriminator.forward(points);
    return this.discriminator.backward(outputs.map((d) => -this.loss.generator.slope(d)));
  }

  /** The losses on real and on generated points (B, 2), without a step, and the mean verdicts on both. */
  judge(
    real: Matrix,
    made: Matrix,
  ): { discriminator: number; generator: number; real: number; fake: number } {
    const onReal = this.discriminator.forward(real);
    const onMade = this.discriminator.forward(made);
    const meanVerdict = (outputs: Matrix) =>
      outputs.reduce((sum, d) => sum + this.loss.verdict(d), 0) / outputs.length;
    return {
      discriminator: mean(this.loss.real, onReal).loss + mean(this.loss.fake, onMade).loss,
      generator: mean(this.loss.generator, onMade).loss,
      real: meanVerdict(onReal),
      fake: meanVerdict(onMade),
    };
  }
}

/** Latent points, uniform in the square [-1, 1]²: (count, 2). */
export const latents = (random: Random, count: number): Matrix =>
  Float64Array.from({ length: 2 * count }, () => 2 * random.uniform() - 1);
