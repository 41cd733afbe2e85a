import ndarray from 'ndarray';
import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  AugmentError,
  centreCrop,
  compose,
  crop,
  distortMesh,
  elastic,
  erase,
  evaluationPipeline,
  fusedPipeline,
  normalize,
  randomCrop,
  resizeBicubic,
  rotate,
  rotateAndFill,
  type SeededTransform,
  shear,
  shift,
  thickness,
  trainingPipeline,
  transformFromSpec,
  zoom,
} from '../src/index.js';
import { createOut, drawImage } from './_images.js';

const image = drawImage(28, 28);
const out = createOut(28, 28);
const key = { seed: 1, epoch: 0, index: 0 };

/** The code and the text of what a call throws. */
function failure(call: () => unknown): { code: string; message: string } {
  try {
    call();
  } catch (error) {
    expect(error).toBeInstanceOf(AugmentError);
    return error as AugmentError;
  }
  throw new Error('Expected a throw.');
}

describe('an option that is not right names itself, what was found and what is expected', () => {
  const factories = {
    centreCrop,
    elastic,
    erase,
    evaluationPipeline,
    fusedPipeline,
    randomCrop,
    rotate,
    shear,
    shift,
    thickness,
    trainingPipeline,
    zoom,
  };

  test.each(Object.entries(factories))('%s refuses unknown options', (name, factory) => {
    const { code, message } = failure(() => factory({ strenght: 1 } as never));
    expect(code).toBe('INVALID_OPTION');
    expect(message).toContain(`${name}: unknown option "strenght"; it takes `);
    expect(failure(() => factory(3 as never)).message).toContain('the options are 3; expected an object');
    expect(factory(undefined).spec).toEqual(factory({}).spec);
  });

  test.each<[string, () => unknown]>([
    [
      'trainingPipeline: maxDegrees is 26; expected a whole number from 0 to 25.',
      () => trainingPipeline({ maxDegrees: 26 }),
    ],
    ['trainingPipeline: cropMargin is 1.5', () => trainingPipeline({ cropMargin: 1.5 })],
    ['fusedPipeline: strength is NaN', () => fusedPipeline({ strength: Number.NaN })],
    ['fusedPipeline: strength * degrees is 102.5', () => fusedPipeline({ strength: 10 })],
    [
      'fusedPipeline: border is "wrap"; expected one of "edge", "zero".',
      () => fusedPipeline({ border: 'wrap' as never }),
    ],
    ['shift: x is [2, 1]; expected a number', () => shift({ x: [2, 1] })],
    ['shift: x is [-0.5,0.5] and y is [-2,2], expected whole pixels', () => shift({ x: 0.5, integer: true })],
    ['rotate: degrees is "10"', () => rotate({ degrees: '10' as never })],
    [
      'zoom: factor is [0, 1]; expected [from, to] with from <= to, each a finite number from 0.01 to 100.',
      () => zoom({ factor: [0, 1] }),
    ],
    ['shear: degrees is 90', () => shear({ degrees: 90 })],
    ['elastic: sigma is 0', () => elastic({ sigma: 0 })],
    ['erase: fill is "black"; expected a number or \'noise\'.', () => erase({ fill: 'black' as never })],
    ['erase: area is [0.5, 2]', () => erase({ area: [0.5, 2] })],
    ['thickness: amount is 9', () => thickness({ amount: 9 })],
    ['crop: left is undefined', () => crop(image, out, { top: 1 } as never)],
    ['distortMesh: shifts holds 2 values, expected 18', () => distortMesh(image, out, { shifts: [1, 2] })],
    [
      'distortMesh: columns is 29; expected a whole number from 1 to 28.',
      () => distortMesh(image, out, { columns: 29, shifts: [] }),
    ],
    [
      'rotateAndFill: degrees is 60; expected a finite number from -45 to 45.',
      () => rotateAndFill(image, out, { degrees: 60 }),
    ],
    [
      'rotateAndFill: no inner rectangle is left',
      () => rotateAndFill(drawImage(4, 40), createOut(4, 40), { degrees: 30 }),
    ],
    ['compose() got no steps', () => compose()],
    ['compose: step 1 is object, expected an image transform.', () => compose(normalize, {} as never)],
  ])('%s', (text, call) => {
    const { code, message } = failure(call);
    expect(code).toBe('INVALID_OPTION');
    expect(message).toContain(text);
  });
});

describe('an image that is not right is refused', () => {
  test.each<[string, () => unknown]>([
    [
      'image has shape [28, 28, 1], expected [height, width]',
      () => normalize(ndarray(new Uint8Array(784), [28, 28, 1]), out, key),
    ],
    ['image has shape [0, 28]', () => normalize(ndarray(new Uint8Array(0), [0, 28]), out, key)],
    [
      'image is array, expected an ndarray of uint8 or float32',
      () => normalize(ndarray([1, 2] as never, [1, 2]), out, key),
    ],
    ['image is undefined', () => fusedPipeline()(undefined as never, out, key)],
    ['out is uint8, expected float32', () => trainingPipeline()(image, image as never, key)],
    [
      'out has shape [3, 3], expected that of the image, [28, 28].',
      () => normalize(image, createOut(3, 3), key),
    ],
    ['out has shape [3, 3], expected [28, 28].', () => thickness()(image, createOut(3, 3), key)],
    ['larger than the margin that it cuts off (3)', () => randomCrop()(drawImage(3, 9), out, key)],
    ['at least one pixel for each of the 4 x 4 tiles', () => trainingPipeline()(image, createOut(3, 3), key)],
    ['image is object', () => resizeBicubic({} as never, out)],
  ])('%s', (text, call) => {
    const { code, message } = failure(call);
    expect(code).toBe('INVALID_IMAGE');
    expect(message).toContain(text);
  });
});

test('a key that is not right is refused, with and without compose', () => {
  for (const bad of [{ ...key, seed: 0.5 }, { ...key, epoch: -1 }, { ...key, index: 2 ** 32 }, {} as never]) {
    for (const transform of [fusedPipeline(), trainingPipeline(), compose(shift(), normalize)]) {
      expect(failure(() => transform(image, out, bad)).code).toBe('INVALID_KEY');
    }
  }
});

describe('transformFromSpec', () => {
  const module = new URL('./fixtures/transforms.mjs', import.meta.url).href;
  const reject = async (spec: unknown) => {
    const error = await transformFromSpec(spec as never).catch((reason: unknown) => reason as AugmentError);
    expect(error).toBeInstanceOf(AugmentError);
    return (error as AugmentError).message;
  };

  test('takes compositions and modules, nested', async () => {
    const own = await transformFromSpec({ module });
    const spec = compose(shift({ x: 1 }), own, compose(rotate(), normalize)).spec!;
    const again = await transformFromSpec(structuredClone(spec));
    expect(again.spec).toEqual(spec);
    expect(spec).toEqual({
      steps: [
        { transform: 'shift', options: { x: 1, y: 2, integer: false, border: 'edge' } },
        { module, export: 'default' },
        { steps: [rotate().spec, { transform: 'normalize' }] },
      ],
    });
    expect(Object.keys(again.parameters(key))).toEqual(['0.x', '0.y', '2.0.degrees']);
  });

  test('says what is wrong with a recipe', async () => {
    expect(await reject(null)).toContain("expected an object such as { transform: 'fusedPipeline' }");
    expect(await reject({ transform: 'fused' })).toMatch(/no transform 'fused'. Known: .*fusedPipeline/);
    expect(await reject({ transform: 'constructor' })).toContain("no transform 'constructor'");
    expect(await reject({ module: './transforms.mjs' })).toContain('Give an absolute URL');
    expect(await reject({ module, export: 'missing' })).toMatch(
      /'missing' .* is undefined.*It exports: .*notAFactory/,
    );
    expect(await reject({ module, export: 'notAFactory' })).toContain('is number, expected a function');
    expect(await reject({ transform: 'shift', options: { z: 1 } })).toContain('unknown option "z"');
  });
});

test('the types of transforms fit the contract of @mnist/dataset', () => {
  expectTypeOf(fusedPipeline).returns.toEqualTypeOf<SeededTransform>();
  expectTypeOf<SeededTransform>().toExtend<import('@mnist/dataset').ImageTransform>();
  // @ts-expect-error a misspelt option is a compile error
  expect(() => fusedPipeline({ strenght: 1 })).toThrow();
});
