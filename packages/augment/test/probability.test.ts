import ndarray from 'ndarray';
import { describe, expect, test } from 'vitest';
import {
  AugmentError,
  centreCrop,
  compose,
  elastic,
  erase,
  fusedPipeline,
  randomCrop,
  rotate,
  type SeededTransform,
  shear,
  shift,
  thickness,
  trainingPipeline,
  transformFromSpec,
  zoom,
} from '../src/index.js';

const transforms = { centreCrop, elastic, erase, randomCrop, rotate, shear, shift, thickness, zoom };
const image = ndarray(
  Uint8Array.from({ length: 784 }, (_, i) => (i * 37) % 251),
  [28, 28],
);

function apply(transform: SeededTransform, index: number, size = 28): Float32Array {
  const out = ndarray(new Float32Array(size * size).fill(Number.NaN), [size, size]);
  transform(image, out, { seed: 5, epoch: 1, index });
  return out.data;
}

describe.each(Object.entries(transforms))('%s', (name, factory) => {
  const make = factory as (options?: { probability?: number }) => SeededTransform;

  test('never, always, and so often', async () => {
    const plain = Float32Array.from(image.data);
    const always = make({ probability: 1 });
    const sometimes = make({ probability: 0.3 });
    const again = await transformFromSpec(structuredClone(sometimes.spec!));
    let changed = 0;
    for (let index = 0; index < 400; index++) {
      expect(apply(make({ probability: 0 }), index)).toEqual(plain);
      const result = apply(sometimes, index);
      expect(apply(again, index)).toEqual(result);
      const { applied, erased } = sometimes.parameters({ seed: 5, epoch: 1, index });
      if (!(applied ?? erased)) expect(result).toEqual(plain);
      else {
        changed++;
        if (name !== 'erase') expect(result).toEqual(apply(always, index));
      }
    }
    // 120 expected, standard deviation 9.2.
    expect(Math.abs(changed - 120)).toBeLessThan(37);
  });

  test('writes every element of an out of another size', () => {
    if (name === 'erase' || name === 'thickness') return;
    for (const value of apply(make({ probability: 0 }), 0, 14)) expect(value).not.toBeNaN();
  });

  test.each([-0.1, 1.1, '1', Number.NaN])('refuses the probability %s', (probability) => {
    expect(() => make({ probability: probability as never })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining('probability is') }),
    );
  });
});

test.each(
  Object.entries({ ...transforms, fusedPipeline, trainingPipeline }).filter(
    ([name]) => name !== 'centreCrop',
  ),
)('%s without a key throws the typed error', (_, factory) => {
  const out = ndarray(new Float32Array(784), [28, 28]);
  const bare = (transform: SeededTransform) => transform as (...given: unknown[]) => void;
  for (const transform of [factory(), compose(factory(), factory())]) {
    for (const key of [undefined, null, 7, {}]) {
      const call = () => bare(transform)(image, out, key);
      expect(call).toThrow(AugmentError);
      expect(call).toThrow(expect.objectContaining({ code: 'INVALID_KEY' }));
    }
  }
});
