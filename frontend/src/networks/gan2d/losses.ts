/** A mean over the outputs D of the discriminator, one a point, with its part for one point and that part's slope. */
interface Term {
  loss: (d: number) => number;
  slope: (d: number) => number;
}

export interface GanLoss {
  /** The discriminator minimizes the sum of both, the generator `generator` on its own points. */
  real: Term;
  fake: Term;
  generator: Term;
  /** The output as a share of certainty in [0, 1] that a point is real; 0.5 is undecided. */
  verdict: (d: number) => number;
}

export type LossName = "logistic" | "hinge" | "squares";

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
/** log(1 + exp(x)), without overflow. */
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const clipped = (value: number): number => Math.min(Math.max(value, 0), 1);

const surelyReal: Term = { loss: (d) => softplus(-d), slope: (d) => -sigmoid(-d) };

export const LOSSES: Record<LossName, GanLoss> = {
  // Goodfellow et al. 2014, arXiv:1406.2661, with the non-saturating loss of the generator: -log D(G(z))
  logistic: {
    real: surelyReal,
    fake: { loss: softplus, slope: sigmoid },
    generator: surelyReal,
    verdict: sigmoid,
  },
  // Lim and Ye 2017, arXiv:1705.02894: max(0, 1 - D(x)) + max(0, 1 + D(G(z))), and -D(G(z))
  hinge: {
    real: { loss: (d) => Math.max(0, 1 - d), slope: (d) => (d < 1 ? -1 : 0) },
    fake: { loss: (d) => Math.max(0, 1 + d), slope: (d) => (d > -1 ? 1 : 0) },
    generator: { loss: (d) => -d, slope: () => -1 },
    verdict: (d) => clipped((d + 1) / 2),
  },
  // Mao et al. 2017, arXiv:1611.04076: 1/2 (D(x) - 1)² + 1/2 D(G(z))², and 1/2 (D(G(z)) - 1)²
  squares: {
    real: { loss: (d) => (d - 1) ** 2 / 2, slope: (d) => d - 1 },
    fake: { loss: (d) => d ** 2 / 2, slope: (d) => d },
    generator: { loss: (d) => (d - 1) ** 2 / 2, slope: (d) => d - 1 },
    verdict: clipped,
  },
};

/** The mean of a term over outputs, and its gradient by each of them. */
export function mean(
  { loss, slope }: Term,
  outputs: Float64Array,
): { loss: number; gradient: Float64Array<ArrayBuffer> } {
  const count = outputs.length;
  return {
    loss: outputs.reduce((sum, d) => sum + loss(d), 0) / count,
    gradient: Float64Array.from(outputs, (d) => slope(d) / count),
  };
}
