import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { epochsToBatches, planBatches, planDefaults } from '../src/index.js';
import { errorOf } from './support/world.js';

const plan = fc
  .record({
    count: fc.integer({ min: 1, max: 60 }),
    batchSize: fc.integer({ min: 1, max: 20 }),
    epochs: fc.integer({ min: 0, max: 4 }),
    seed: fc.integer({ min: 0, max: 0xffff_ffff }),
    dropLast: fc.boolean(),
    shuffle: fc.boolean(),
  })
  .filter(({ count, batchSize, dropLast }) => !dropLast || count >= batchSize)
  .map(({ count, ...options }) => ({ dataset: { count }, options }));

describe('planBatches', () => {
  it('each epoch is a permutation of the set; with dropLast, a part of one', () => {
    fc.assert(
      fc.property(plan, ({ dataset, options }) => {
        const plans = planBatches(dataset, options);
        const all = [...plans.iterate()];
        expect(all).toHaveLength(plans.totalBatches);
        for (let epoch = 0; epoch < options.epochs; epoch++) {
          const seen = all.filter((one) => one.epoch === epoch);
          expect(seen).toHaveLength(plans.batchesPerEpoch);
          const indices = seen.flatMap((one) => [...one.indices]);
          expect(new Set(indices).size).toBe(indices.length);
          expect(indices.every((index) => index < dataset.count)).toBe(true);
          const full = Math.floor(dataset.count / options.batchSize) * options.batchSize;
          expect(indices).toHaveLength(options.dropLast ? full : dataset.count);
          const sizes = seen.map((one) => one.indices.length);
          expect(sizes.slice(0, -1).every((size) => size === options.batchSize)).toBe(true);
          if (!options.shuffle) expect(indices).toEqual(indices.map((_, i) => i));
        }
        expect(all.map(({ step }) => step)).toEqual(all.map((_, i) => i));
      }),
    );
  });

  it('entered at k, it goes on as the stream from 0 does', () => {
    fc.assert(
      fc.property(plan, fc.nat({ max: 100 }), ({ dataset, options }, k) => {
        const plans = planBatches(dataset, options);
        expect([...plans.iterate(k)]).toEqual([...plans.iterate()].slice(k));
      }),
    );
  });

  it('the length of the training does not change the batches', () => {
    const short = [...planBatches({ count: 50 }, { batchSize: 7, batches: 9 }).iterate()];
    const long = [...planBatches({ count: 50 }, { batchSize: 7, epochs: 5 }).iterate()];
    expect(long.slice(0, 9)).toEqual(short);
  });

  it('another seed or epoch gives another order', () => {
    const order = (seed: number) =>
      [...planBatches({ count: 100 }, { batchSize: 100, epochs: 3, seed }).iterate()].map(({ indices }) =>
        indices.join(),
      );
    const orders = Array.from({ length: 200 }, (_, seed) => order(seed)).flat();
    expect(new Set(orders).size).toBe(600);
    expect(order(5)).toEqual(order(5));
  });

  it('every position is equally likely for every image', () => {
    const [count, runs] = [10, 5_000];
    const at = Array.from({ length: count }, () => new Array<number>(count).fill(0));
    for (const { indices } of planBatches({ count }, { batchSize: count, epochs: runs, seed: 3 }).iterate())
      for (const [position, index] of indices.entries()) at[position]![index]!++;
    const expected = runs / count;
    const chiSquare = at.flat().reduce((sum, found) => sum + (found - expected) ** 2 / expected, 0);
    // 81 degrees of freedom: mean 81, standard deviation 12.7; 0.9999 quantile 136.
    expect(chiSquare).toBeLessThan(136);
    expect(chiSquare).toBeGreaterThan(45);
  });

  it('fractions of epochs are rounded to whole batches', () => {
    const batchesIn = (epochs: number) =>
      planBatches({ count: 60_000 }, { batchSize: 100, epochs }).totalBatches;
    expect([0, 0.1, 0.5, 1, 1.2345, 11].map(batchesIn)).toEqual([0, 60, 300, 600, 741, 6600]);
    expect(
      [...planBatches({ count: 10 }, { batchSize: 3, epochs: 1.4 }).iterate()].map(({ epoch }) => epoch),
    ).toEqual([0, 0, 0, 1]);
  });

  it('takes a data set, and its documented defaults', () => {
    const plans = planBatches({ labels: { shape: [20] } }, { batchSize: 6 });
    expect(plans).toMatchObject({ batchSize: 6, batchesPerEpoch: 3, totalBatches: 3, seed: 0 });
    expect([...plans.iterate()]).toEqual([
      ...planBatches({ count: 20 }, { batchSize: 6, ...planDefaults }).iterate(),
    ]);
  });

  it.each([
    [{ batchSize: 0 }, 'planBatches: batchSize is 0; expected a whole number, at least 1.'],
    [{ batchSize: 2.5 }, 'batchSize is 2.5; expected a whole number'],
    [{}, 'batchSize is undefined'],
    [
      { batchSize: 11 },
      'a batch of 11 cannot be filled from 10 images. Take a smaller batchSize, or dropLast: false.',
    ],
    [{ batchSize: 5, epochs: 1, batches: 2 }, 'both epochs (1) and batches (2) are given; give one of them.'],
    [{ batchSize: 5, epochs: -1 }, 'epochs is -1; expected a finite number, at least 0.'],
    [{ batchSize: 5, epochs: Number.NaN }, 'epochs is NaN'],
    [{ batchSize: 5, batches: 1.5 }, 'batches is 1.5'],
    [{ batchSize: 5, seed: -1 }, 'seed is -1; expected a whole number, at least 0.'],
    [{ batchSize: 5, shufle: false }, 'unknown option "shufle"; it takes '],
  ])('refuses %j', async (options, text) => {
    const error = await errorOf(() => planBatches({ count: 10 }, options as never));
    expect(error.code).toBe('INVALID_OPTION');
    expect(error.message).toContain(text);
  });

  it('refuses an empty set and a bad start', async () => {
    expect((await errorOf(() => planBatches({ count: 0 }, { batchSize: 1 }))).message).toContain(
      'the number of images is 0',
    );
    const plans = planBatches({ count: 4 }, { batchSize: 2 });
    expect((await errorOf(() => [...plans.iterate(-1)])).message).toContain('iterate: start is -1');
    expect([...plans.iterate(99)]).toEqual([]);
  });
});

describe('epochsToBatches', () => {
  it('counts whole batches', () => {
    expect(epochsToBatches(2, { count: 105, batchSize: 10 })).toBe(20);
    expect(epochsToBatches(2, { count: 105, batchSize: 10, dropLast: false })).toBe(22);
    expect(epochsToBatches(0.25, { count: 60_000, batchSize: 100 })).toBe(150);
  });

  it('refuses what it does not know', async () => {
    const error = await errorOf(() => epochsToBatches(1, { count: 1, batchsize: 1 } as never));
    expect(error.message).toContain('unknown option "batchsize"');
    expect((await errorOf(() => epochsToBatches(Infinity, { count: 1, batchSize: 1 }))).code).toBe(
      'INVALID_OPTION',
    );
  });
});
