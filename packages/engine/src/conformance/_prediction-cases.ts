import ndarray from 'ndarray';
import type { Engine } from '../engine.js';
import { assertClose, assertEqual, assertRelative, assertSameBits } from './_assert.js';
import {
  ceilPoolNet,
  classCount,
  dropoutNet,
  makeBatch,
  mixedNet,
  toReference,
  withSession,
} from './_fixtures.js';
import { referenceForward } from './_reference-net.js';
import type { ConformanceCase } from './conformance-case.js';
import type { ConformanceTolerance } from './conformance-tolerance.js';

export function predictionCases(engine: Engine, tolerance: ConformanceTolerance): ConformanceCase[] {
  const nets = {
    'a net of every layer kind': mixedNet,
    'max pooling 7 -> 4': ceilPoolNet,
    dropout: dropoutNet,
  };
  return [
    ...Object.entries(nets).map(([title, net]) => ({
      name: `predict: logits of ${title} equal the float64 reference`,
      run: () =>
        withSession(engine, net, { batchSize: 4 }, async ({ session, start }) => {
          const { images } = makeBatch(net, 4, 1);
          const logits = await session.predict(images);
          assertEqual('shape of the logits', logits.shape, [4, classCount(net)]);
          const expected = referenceForward(net, toReference(start), images.data, false).logits;
          assertRelative('logits', logits.data, expected, tolerance.relative);
        }),
    })),
    {
      name: 'predict: any number of images, the last partial batch included',
      run: () =>
        withSession(engine, mixedNet, { batchSize: 3 }, async ({ session, start }) => {
          const { images } = makeBatch(mixedNet, 8, 2);
          const expected = referenceForward(mixedNet, toReference(start), images.data, false).logits;
          for (const count of [1, 2, 3, 4, 8]) {
            const logits = await session.predict(images.hi(count));
            assertEqual('shape of the logits', logits.shape, [count, 4]);
            assertRelative(
              `logits of ${count} images`,
              logits.data.subarray(0, count * 4),
              expected.subarray(0, count * 4),
              tolerance.relative,
            );
          }
        }),
    },
    {
      name: 'predict: reads strided views by their strides',
      run: () =>
        withSession(engine, mixedNet, { batchSize: 3 }, async ({ session }) => {
          const { images } = makeBatch(mixedNet, 6, 3);
          const plain = await session.predict(images);
          const reversed = await session.predict(images.step(-2));
          assertEqual('shape of the logits', reversed.shape, [3, 4]);
          for (const [row, original] of [5, 3, 1].entries()) {
            for (let k = 0; k < 4; k++) {
              assertClose(`row ${row}`, [reversed.get(row, k)], [plain.get(original, k)], tolerance.absolute);
            }
          }
        }),
    },
    {
      name: 'predict: changes nothing, and its result survives later calls',
      run: () =>
        withSession(engine, mixedNet, { batchSize: 4 }, async ({ session, start }) => {
          const first = await session.predict(makeBatch(mixedNet, 4, 4).images);
          const kept = first.data.slice();
          await session.predict(makeBatch(mixedNet, 4, 5).images);
          assertSameBits('the first logits', first.data, kept);
          const after = await session.state();
          assertEqual('step', after.step, start.step);
          for (const [i, statistic] of start.statistics.entries()) {
            assertSameBits(`statistic ${i}`, after.statistics[i]!.data, statistic.data);
          }
        }),
    },
    {
      name: 'predict: pixels that are not a number give logits that are not a number',
      run: () =>
        withSession(engine, mixedNet, { batchSize: 2 }, async ({ session }) => {
          const images = ndarray(new Float32Array(2 * 8 * 8 * 2).fill(Number.NaN), [2, 8, 8, 2]);
          const logits = await session.predict(images);
          assertEqual('NaN in, NaN out', [...logits.data].every(Number.isNaN), true);
        }),
    },
  ];
}
