import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  annihilate,
  constant,
  cosine,
  exponential,
  linear,
  type OneCycleOptions,
  oneCycle,
  oneCycleMomentum,
  paperSchedule,
  paperSteps,
  polynomial,
  type Schedule,
  sampleSchedule,
  sequence,
  stepDecay,
  TrainError,
  warmup,
} from '../src/index.js';

const ramp = { from: 2, to: 0.5, steps: 8 };

describe('ramps against their closed forms', () => {
  const forms: [string, Schedule, (step: number) => number][] = [
    ['linear', linear(ramp), (step) => 2 - (1.5 * step) / 8],
    ['cosine', cosine(ramp), (step) => 0.5 + 1.5 * Math.cos((Math.PI * step) / 16) ** 2],
    ['exponential', exponential(ramp), (step) => 2 * Math.exp((Math.log(0.25) * step) / 8)],
    ['polynomial', polynomial({ ...ramp, power: 3 }), (step) => 0.5 + 1.5 * (1 - step / 8) ** 3],
  ];
  it.each(forms)('%s', (_name, schedule, form) => {
    for (let step = 0; step <= 8; step++) expect(schedule(step)).toBeCloseTo(form(step), 12);
  });
  it.each(forms)('%s is exact at its ends and holds the last value', (_name, schedule) => {
    expect(schedule(0)).toBe(2);
    expect(schedule(8)).toBe(0.5);
    expect(schedule(1000)).toBe(0.5);
  });
  it.each(forms)('%s falls at every step', (_name, schedule) => {
    for (let step = 1; step <= 8; step++) expect(schedule(step)).toBeLessThan(schedule(step - 1));
  });
});

describe('constant and stepDecay', () => {
  it('constant', () => expect([0, 5, 1e6].map(constant(3))).toEqual([3, 3, 3]));
  it('stepDecay falls at the milestones themselves', () => {
    const schedule = stepDecay({ from: 1, factor: 0.5, milestones: [2, 4] });
    expect([0, 1, 2, 3, 4, 99].map((step) => schedule(step))).toEqual([1, 1, 0.5, 0.5, 0.25, 0.25]);
  });
  it('stepDecay every so many steps', () => {
    const schedule = stepDecay({ from: 1, factor: 0.5, every: 3 });
    expect([0, 2, 3, 5, 6].map((step) => schedule(step))).toEqual([1, 1, 0.5, 0.5, 0.25]);
  });
});

describe('warmup', () => {
  it('rises to the first value of the schedule, then runs it from its own start', () => {
    const schedule = warmup(linear({ from: 1, to: 0, steps: 4 }), { steps: 4, from: 0.2 });
    expect(schedule(0)).toBe(0.2);
    expect(schedule(2)).toBeCloseTo(0.6, 12);
    expect(schedule(4)).toBe(1);
    expect(schedule(6)).toBe(0.5);
  });
  it('takes a number', () => expect(warmup(3, { steps: 2 })(1)).toBe(1.5));
});

// scripts/make-schedule-golden.py
const golden: {
  oneCycle: { options: OneCycleOptions; values: Record<string, number>; momentum: Record<string, number> }[];
  ramps: { schedule: string; options: never; values: number[] }[];
  paper: Record<string, number>;
} = JSON.parse(readFileSync(new URL('golden/schedules.json', import.meta.url), 'utf8'));

describe("oneCycle equals PyTorch's OneCycleLR at equal arguments", () => {
  it.each(golden.oneCycle)('$options', ({ options, values, momentum }) => {
    const rate = oneCycle(options);
    for (const [step, value] of Object.entries(values)) expect(rate(Number(step)) / value).toBeCloseTo(1, 9);
    const { steps, riseFraction } = options;
    const moved = oneCycleMomentum({ steps, riseFraction });
    for (const [step, value] of Object.entries(momentum)) expect(moved(Number(step))).toBeCloseTo(value, 12);
  });
  it('takes its end value at the last step of the run, and holds it', () => {
    const schedule = oneCycle({ max: 1, steps: 100 });
    expect([99, 100, 1000].map((step) => schedule(step))).toEqual([1e-5, 1e-5, 1e-5]);
    expect(Math.max(...Array.from({ length: 100 }, (_, step) => schedule(step)))).toBe(1);
  });
});

describe("ramps equal PyTorch's schedulers at equal arguments", () => {
  const make: Record<string, (options: never) => Schedule> = {
    linear,
    cosine,
    exponential,
    polynomial,
    stepDecay,
  };
  it.each(golden.ramps)('$schedule $options', ({ schedule, options, values }) => {
    const ours = make[schedule]!(options);
    for (const [step, value] of values.entries()) expect(ours(step)).toBeCloseTo(value, 12);
  });
});

describe('paperSchedule', () => {
  it.each(Object.entries(golden.paper))('step %s', (step, value) => {
    expect(paperSchedule(Number(step)) / value).toBeCloseTo(1, 10);
  });
  it('ends at a thousandth of the last rate', () => {
    expect(paperSchedule(paperSteps)).toBeCloseTo(4.001535351316241e-8, 18);
  });
});

describe('annihilate', () => {
  it('continues from the last value used and ends at it over the divisor', () => {
    const schedule = annihilate(linear({ from: 1, to: 0, steps: 10 }), { after: 6, steps: 4, divisor: 10 });
    expect(schedule(5)).toBe(0.5);
    expect(schedule(6)).toBe(0.5);
    expect(schedule(8)).toBeCloseTo(0.275, 12);
    expect(schedule(10)).toBeCloseTo(0.05, 12);
  });
});

describe('sequence', () => {
  it('gives each part its own steps, the joint to the later part, and the rest to the last', () => {
    const schedule = sequence([
      { steps: 4, schedule: linear({ from: 0, to: 1, steps: 4 }) },
      { steps: 2, schedule: 7 },
      { steps: 4, schedule: linear({ from: 1, to: 0, steps: 4 }) },
    ]);
    expect([0, 3, 4, 5, 6, 8, 10, 50].map((step) => schedule(step))).toEqual([0, 0.75, 7, 7, 1, 0.5, 0, 0]);
  });
  it('shares the steps by fractions without losing one', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 200, max: 2000 }),
        (weights, steps) => {
          const total = weights.reduce((a, b) => a + b);
          const lengths: number[] = [];
          const schedule = sequence(
            weights.map((weight, i) => ({
              fraction: weight / total,
              schedule: (length: number) => {
                lengths.push(length);
                return constant(i);
              },
            })),
            { steps },
          );
          expect(lengths.reduce((a, b) => a + b)).toBe(steps);
          let at = 0;
          for (const [i, length] of lengths.entries()) {
            expect(schedule(at)).toBe(i);
            at += length;
            expect(schedule(at - 1)).toBe(i);
          }
        },
      ),
    );
  });
  it('composes: warm-up, then cosine, equals warmup(cosine)', () => {
    const fall = cosine({ from: 1, to: 0, steps: 90 });
    const a = sequence([
      { steps: 10, schedule: linear({ from: 0, to: 1, steps: 10 }) },
      { steps: 90, schedule: fall },
    ]);
    const b = warmup(fall, { steps: 10 });
    for (let step = 0; step <= 100; step++) expect(a(step)).toBeCloseTo(b(step), 14);
  });
});

describe('sampleSchedule', () => {
  it('gives every step, or evenly spread points with both ends', () => {
    expect(
      sampleSchedule(linear({ from: 0, to: 1, steps: 4 }), { steps: 4 }).map(({ value }) => value),
    ).toEqual([0, 0.25, 0.5, 0.75]);
    expect(sampleSchedule(5, { steps: 101, points: 3 })).toEqual([
      { step: 0, value: 5 },
      { step: 50, value: 5 },
      { step: 100, value: 5 },
    ]);
  });
});

describe('misuse', () => {
  const wrong: [string, () => unknown, RegExp][] = [
    ['an unknown option', () => linear({ ...ramp, stop: 1 } as never), /linear: unknown option "stop"/],
    ['no steps', () => cosine({ from: 1, to: 0, steps: 0 }), /steps is 0/],
    ['an exponential to zero', () => exponential({ from: 1, to: 0, steps: 5 }), /to is 0; .* above 0/],
    ['a number that is none', () => constant(Number.NaN), /NaN/],
    ['an empty sequence', () => sequence([]), /at least one part/],
    [
      'fractions that do not add up',
      () => sequence([{ fraction: 0.5, schedule: 1 }], { steps: 9 }),
      /add up to 0.5/,
    ],
    ['milestones and every', () => stepDecay({ from: 1, milestones: [1], every: 2 }), /exactly one/],
    ['falling milestones', () => stepDecay({ from: 1, milestones: [5, 2] }), /milestones\[1\] is 2/],
    ['a divisor below 1', () => annihilate(1, { after: 1, steps: 1, divisor: 0.5 }), /divisor is 0.5/],
    ['a rise of everything', () => oneCycle({ max: 1, steps: 10, riseFraction: 1 }), /riseFraction is 1/],
    ['a power of 0', () => polynomial({ ...ramp, power: 0 }), /power is 0/],
  ];
  it.each(wrong)('%s', (_what, call, text) => {
    expect(call).toThrow(TrainError);
    expect(call).toThrow(text);
  });
});
