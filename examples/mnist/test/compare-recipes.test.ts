import { syntheticDigits } from '@mnist/dataset';
import ndarray from 'ndarray';
import { describe, expect, it } from 'vitest';
import { compareRecipes, type HeldOutPair } from '../src/experiment/compare-recipes.js';
import { blockOf, holdOutOf } from '../src/experiment/hold-out.js';
import { readArms } from '../src/experiment/recipe-arms.js';

/** Two classes; `confidence(image)` is the probability of the true one, of both nets. */
function pairOf(
  pair: number,
  count: number,
  confidence: (image: number, net: number) => number,
): HeldOutPair {
  const labels = Uint8Array.from({ length: count }, (_, image) => image % 2);
  const [one, two] = [0, 1].map((net) => {
    const matrix = ndarray(new Float32Array(count * 2), [count, 2]);
    for (let image = 0; image < count; image++) {
      const right = confidence(image, net);
      matrix.set(image, labels[image]!, right);
      matrix.set(image, 1 - labels[image]!, 1 - right);
    }
    return matrix;
  });
  return { pair, labels, probabilities: [one!, two!] };
}

describe('compareRecipes', () => {
  it('averages probabilities, arithmetically and geometrically', () => {
    const [score] = compareRecipes([
      { name: 'base', pairs: [pairOf(0, 200, (_, net) => (net === 0 ? 0.9 : 0.3))] },
    ]);
    expect(score!.netErrors).toBe(5000);
    expect(score!.pairErrors).toBe(0);
    expect(score!.netLoss).toBeCloseTo((-Math.log(0.9) - Math.log(0.3)) / 2, 6);
    expect(score!.pairLoss).toBeCloseTo(-Math.log(0.6), 6);
    const right = Math.sqrt(0.9 * 0.3);
    expect(score!.geometricPairLoss).toBeCloseTo(-Math.log(right / (right + Math.sqrt(0.1 * 0.7))), 6);
    expect(score!.difference).toBeUndefined();
  });

  it('sees a difference that every image has, and none where noise is larger than it', () => {
    const noise = (image: number, pair: number) => 0.2 * Math.sin(image * 12.9898 + pair);
    const pairs = (shift: number, own: number) =>
      [0, 1, 2].map((pair) => pairOf(pair, 1000, (image) => 0.7 + shift + noise(image, pair + own)));
    const [, better, same, worse] = compareRecipes([
      { name: 'base', pairs: pairs(0, 0) },
      { name: 'better', pairs: pairs(0.05, 0) },
      { name: 'same', pairs: pairs(0, 7) },
      { name: 'worse', pairs: pairs(-0.05, 0) },
    ]);
    expect(better!.difference!.verdict).toBe('better');
    expect(better!.difference!.mean).toBeLessThan(0);
    expect(better!.difference!.lower).toBeLessThanOrEqual(better!.difference!.mean);
    expect(same!.difference!.verdict).toBe('no difference seen');
    expect(worse!.difference!.verdict).toBe('worse');
  });

  it('lets more errors veto a better loss', () => {
    // Better on nearly all images, and wrong on one in a hundred that the first recipe had right.
    const [, vetoed] = compareRecipes([
      { name: 'base', pairs: [0, 1].map((pair) => pairOf(pair, 1000, () => 0.6)) },
      {
        name: 'bold',
        pairs: [0, 1].map((pair) => pairOf(pair, 1000, (image) => (image % 100 === 0 ? 0.4 : 0.9))),
      },
    ]);
    expect(vetoed!.difference!.verdict).toBe('worse errors');
  });

  it('compares the pairs that both recipes have, and gives the same figures for the same seed', () => {
    const arms = [
      { name: 'base', pairs: [0, 1].map((pair) => pairOf(pair, 300, (image) => 0.6 + (image % 7) / 30)) },
      { name: 'other', pairs: [pairOf(1, 300, (image) => 0.6 + (image % 5) / 30)] },
    ];
    const [, other] = compareRecipes(arms, 4);
    expect(other!.difference).toMatchObject({ pairs: 1, standardError: undefined });
    expect(compareRecipes(arms, 4)[1]).toEqual(other);
  });
});

describe('holdOutOf', () => {
  const data = {
    train: syntheticDigits({ count: 100, seed: 1 }),
    test: syntheticDigits({ count: 10, seed: 2 }),
  };

  it('cuts contiguous blocks, one for each pair of nets, and loses no image', () => {
    expect([0, 1, 2, 3, 11, 12].map((net) => blockOf(net, 6))).toEqual([0, 0, 1, 1, 5, 0]);
    const seen: number[] = [];
    for (const net of [0, 2, 4]) {
      const { train, test } = holdOutOf({ holdOut: { blocks: 3 } }, net, data);
      expect(train.labels.shape[0]! + test.labels.shape[0]!).toBe(100);
      for (let i = 0; i < test.labels.shape[0]!; i++) seen.push(test.labels.get(i));
    }
    expect(seen).toEqual(Array.from({ length: 100 }, (_, i) => data.train.labels.get(i)));
  });

  it('trains without the block that it tests on', () => {
    const { train } = holdOutOf({ holdOut: { blocks: 4 } }, 2, data);
    const expected = [...Array(25).keys(), ...Array.from({ length: 50 }, (_, i) => 50 + i)];
    for (const [position, image] of expected.entries()) {
      expect(train.images.get(position, 14, 14)).toBe(data.train.images.get(image, 14, 14));
      expect(train.labels.get(position)).toBe(data.train.labels.get(image));
    }
  });

  it('leaves the data alone without a hold-out, and refuses an impossible one', () => {
    expect(holdOutOf({}, 0, data)).toBe(data);
    expect(() => holdOutOf({ holdOut: { blocks: 1 } }, 0, data)).toThrow(/holdOut.blocks is 1/);
    expect(() => holdOutOf({ holdOut: { blocks: 101 } }, 0, data)).toThrow(/expected a whole number from 2/);
  });
});

describe('readArms', () => {
  const read = (value: unknown) => readArms('arms.json', JSON.stringify(value));

  it('reads recipes in their order', () => {
    const arms = { base: {}, long: { epochs: 20 }, bold: { schedule: { kind: 'oneCycle', peak: 0.003 } } };
    expect(Object.entries(read(arms))).toEqual(Object.entries(arms));
  });

  it.each([
    ['no JSON', () => readArms('arms.json', '{'), /not readable as JSON/],
    ['a list', () => read([{}]), /expected an object of recipes/],
    ['nothing', () => read({}), /expected an object of recipes/],
    ['a path as a name', () => read({ '../x': {} }), /small letters/],
    [
      'a field of the experiment',
      () => read({ a: { holdOut: { blocks: 2 } } }),
      /changes 'holdOut'; known: net,/,
    ],
    ['an inherited name', () => read({ a: { constructor: 1 } }), /changes 'constructor'/],
    ['a wrong value', () => read({ a: { epochs: -1 } }), /has epochs -1/],
    ['a wrong schedule', () => read({ a: { schedule: { kind: 'oneCycle' } } }), /has schedule/],
  ])('refuses %s', (_, act, message) => {
    expect(act).toThrow(message);
  });
});
