import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { Gan, type GanConfig, latents } from "./gan";
import { LOSSES } from "./losses";
import type { Matrix, Network } from "./network";
import { Random } from "./random";

interface Golden {
  steps: number;
  batch: number;
  noise: number;
  uniform: number[];
  normal: number[];
  cases: {
    config: GanConfig;
    rates: { discriminator: number; generator: number };
    losses: { step: number; discriminator: number; generator: number }[];
    generator: number[];
    discriminator: number[];
    made: number[];
    pushes: number[];
  }[];
}

// written by tests/models/generation/write_gan2d_golden.py
const golden: Golden = JSON.parse(readFileSync(new URL("gan2d.golden.json", import.meta.url), "utf8"));
const DIGITS = 8;

const ring = (random: Random): Matrix =>
  Float64Array.from(
    Array.from({ length: golden.batch }, () => {
      const angle = 2 * Math.PI * random.uniform();
      return [
        Math.cos(angle) + golden.noise * random.normal(),
        Math.sin(angle) + golden.noise * random.normal(),
      ];
    }).flat(),
  );

function expectClose(found: Iterable<number>, expected: number[]) {
  const values = [...found];
  expect(values.length).toBe(expected.length);
  for (const [index, value] of values.entries())
    expect(value, `${index}`).toBeCloseTo(expected[index], DIGITS);
}

const weightsOf = ({ parameters }: Network) => parameters.flatMap(({ value }) => [...value]);

test("random numbers are those of the reference", () => {
  const random = new Random(7);
  expect(golden.uniform.map(() => random.uniform())).toEqual(golden.uniform);
  expectClose(
    golden.normal.map(() => random.normal()),
    golden.normal,
  );
});

describe("a training equals PyTorch's", () => {
  test.each(golden.cases)("$config.loss, $config.activation, $config.optimizer", (expected) => {
    const gan = new Gan(expected.config);
    const batches = new Random(expected.config.seed + 1);
    const losses: Golden["cases"][0]["losses"] = [];
    for (let step = 0; step < golden.steps; step++) {
      const real = ring(batches);
      const discriminator = gan.stepDiscriminator(
        real,
        latents(batches, golden.batch),
        expected.rates.discriminator,
      );
      const generator = gan.stepGenerator(latents(batches, golden.batch), expected.rates.generator);
      if (step % 10 === 0 || step === golden.steps - 1) losses.push({ step, discriminator, generator });
    }
    expect(losses.map(({ step }) => step)).toEqual(expected.losses.map(({ step }) => step));
    for (const key of ["discriminator", "generator"] as const) {
      expectClose(
        losses.map((one) => one[key]),
        expected.losses.map((one) => one[key]),
      );
      expectClose(weightsOf(gan[key]), expected[key]);
    }
    const made = gan.generate(latents(batches, golden.batch));
    expectClose(made, expected.made);
    expectClose(gan.pushes(made), expected.pushes);
  });
});

test("an undecided discriminator loses 2 log 2, and its verdict is one half", () => {
  const { real, fake, verdict } = LOSSES.logistic;
  expect(real.loss(0) + fake.loss(0)).toBeCloseTo(2 * Math.log(2));
  expect([verdict(0), LOSSES.hinge.verdict(0), LOSSES.squares.verdict(0.5)]).toEqual([0.5, 0.5, 0.5]);
});

test.each(["logistic", "hinge", "squares"] as const)("each slope is that of its loss: %s", (name) => {
  const width = 1e-6;
  for (const term of [LOSSES[name].real, LOSSES[name].fake, LOSSES[name].generator])
    for (const d of [-2.3, -0.4, 0.7, 1.9])
      expect((term.loss(d + width) - term.loss(d - width)) / (2 * width)).toBeCloseTo(term.slope(d), 5);
});
