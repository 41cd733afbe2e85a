import type { NdArray } from 'ndarray';
import { expectTypeOf, it } from 'vitest';
import type { Batch, BatchSource, ImageDataset, ImageTransform } from '../src/index.js';
import { batches, loadDataset, parseIdx, scaleToUnit, syntheticDigits } from '../src/index.js';

it('the public types hold together', () => {
  expectTypeOf(batches).returns.toExtend<BatchSource>();
  expectTypeOf(batches).returns.toExtend<Iterable<Batch>>();
  expectTypeOf(syntheticDigits).returns.toEqualTypeOf<ImageDataset>();
  expectTypeOf(loadDataset).returns.resolves.toEqualTypeOf<ImageDataset>();
  expectTypeOf(scaleToUnit).toEqualTypeOf<ImageTransform>();
  expectTypeOf(parseIdx).parameter(0).toEqualTypeOf<Uint8Array>();
  expectTypeOf<Batch['images']>().toEqualTypeOf<NdArray<Float32Array>>();
});

it('wrong calls do not compile', () => {
  const wrong = [
    // @ts-expect-error: no such data set
    () => loadDataset('mnsit', { split: 'test' }),
    // @ts-expect-error: the split is not optional
    () => loadDataset('mnist', {}),
    // @ts-expect-error: no such option
    () => loadDataset('mnist', { split: 'test', datadir: '/' }),
    // @ts-expect-error: digits are never drawn without a seed
    () => syntheticDigits({ count: 10 }),
    // @ts-expect-error: batchSize is not optional
    () => batches(syntheticDigits({ count: 10, seed: 1 }), {}),
    // @ts-expect-error: an index in a batch is not a string
    (batch: Batch): string => batch.indices[0]!,
  ];
  expectTypeOf(wrong).toBeArray();
});
