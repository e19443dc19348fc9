import { Gan, type GanConfig, latents } from "./gan";
import type { Matrix } from "./network";
import { Random } from "./random";
import { coverage, modesOf, type Point, REACH, realPoints, type Shape } from "./shapes";

export interface SimulationSettings extends GanConfig {
  shape: Shape;
  drawn: Point[];
  noise: number;
  rateD: number;
  rateG: number;
  stepsD: number; // of the discriminator for each of the generator
  batch: number;
}

/** Measured on all points, not on one batch. */
export interface Measured {
  update: number; // the number of updates of either network before
  discriminator: number; // losses
  generator: number;
  real: number; // mean verdicts
  fake: number;
  covered: number; // share of the modes
}

const COUNT = 256; // real points, and generated ones
const MOST_RECORDS = 300;
const FAR = 10 * REACH;

/** The training of a two-dimensional GAN, one update after another; the same settings repeat it exactly. */
export class Simulation {
  readonly gan: Gan;
  readonly real: Matrix; // (256, 2)
  updates = 0;
  records: Measured[] = [];
  private readonly random: Random;
  private readonly z: Matrix; // (256, 2), the same at every step
  private readonly modes: Point[];
  private points: Matrix | null = null;
  private interval = 4; // updates between two records

  constructor(public settings: SimulationSettings) {
    const { shape, drawn, noise, seed } = settings;
    this.gan = new Gan(settings);
    this.random = new Random(seed + 1);
    this.real = realPoints(shape, COUNT, noise, this.random, drawn);
    this.z = latents(this.random, COUNT);
    this.modes = modesOf(shape, drawn);
    this.record();
  }

  /** Nothing is drawn, so that there is nothing to learn from. */
  get isEmpty(): boolean {
    return this.real.length === 0;
  }

  /** Most of the generated points have left the plane, which they hardly find again. */
  get hasDiverged(): boolean {
    const isFar = (value: number) => !(Math.abs(value) < FAR);
    return this.made().filter(isFar).length > COUNT; // of two values a point
  }

  /** No step changes anything more: the points are no numbers, or there are none to learn from. */
  get isOver(): boolean {
    return this.isEmpty || this.made().some(Number.isNaN);
  }

  /** The generated points (256, 2); they change with the generator only. */
  made(): Matrix {
    this.points ??= this.gan.generate(this.z);
    return this.points;
  }

  stepDiscriminator(): void {
    const { batch, rateD } = this.settings;
    this.gan.stepDiscriminator(this.realBatch(), latents(this.random, batch), rateD);
    this.count();
  }

  stepGenerator(): void {
    const { batch, rateG } = this.settings;
    this.gan.stepGenerator(latents(this.random, batch), rateG);
    this.points = null;
    this.count();
  }

  /** The steps of the discriminator, and one of the generator. */
  step(): void {
    for (let step = 0; step < this.settings.stepsD; step++) this.stepDiscriminator();
    this.stepGenerator();
  }

  measure(): Measured {
    const made = this.made();
    const covered = coverage(made, this.modes, this.settings.noise);
    return { update: this.updates, ...this.gan.judge(this.real, made), covered };
  }

  private count(): void {
    this.updates++;
    if (this.updates % this.interval === 0) this.record();
  }

  /** Of a long training every second record is dropped, again and again, so that a chart stays quick to draw. */
  private record(): void {
    if (this.isEmpty) return;
    this.records = [...this.records, this.measure()];
    if (this.records.length <= MOST_RECORDS) return;
    this.interval *= 2;
    this.records = this.records.filter(({ update }) => update % this.interval === 0);
  }

  private realBatch(): Matrix {
    const { batch } = this.settings;
    const points = new Float64Array(2 * batch);
    for (let index = 0; index < batch; index++) {
      const from = 2 * this.random.below(COUNT);
      points.set(this.real.subarray(from, from + 2), 2 * index);
    }
    return points;
  }
}
