import ndarray from 'ndarray';
import type { Engine } from '../engine.js';
import { assertCloseState, assertEqual, assertRelative, assertSameState } from './_assert.js';
import {
  classCount,
  dropoutNet,
  type FixtureBatch,
  makeBatch,
  mixedNet,
  plainHyper,
  withSession,
} from './_fixtures.js';
import type { NetSpec } from './_net-spec.js';
import type { ConformanceCase } from './conformance-case.js';
import type { ConformanceTolerance } from './conformance-tolerance.js';

/** A step takes any number of images up to the session's, and class numbers or distributions. */
export function batchCases(engine: Engine, tolerance: ConformanceTolerance): ConformanceCase[] {
  const nets: [string, NetSpec][] = [
    ['every layer kind', mixedNet],
    ['dropout', dropoutNet],
  ];
  return [
    ...nets.map(([title, net]) => ({
      name: `step: fewer images than the session was opened for, as in a session opened for that many (${title})`,
      run: () =>
        withSession(engine, net, { batchSize: 6, seed: 5 }, async ({ session }) => {
          // Full, incomplete, full again, another number, the first number again.
          for (const [step, count] of [6, 4, 6, 1, 4].entries()) {
            const before = await session.state();
            const batch = makeBatch(net, count, 90 + step);
            const { loss } = await session.step(batch, plainHyper);
            const after = await session.state();
            await withSession(engine, net, { batchSize: count, seed: 5 }, async ({ session: exact }) => {
              await exact.restore(before);
              const expected = await exact.step(batch, plainHyper);
              assertRelative(`loss of step ${step}`, [loss], [expected.loss], tolerance.relative);
              assertCloseState(`step ${step}`, after, await exact.state(), tolerance.absolute);
            });
          }
        }),
    })),
    {
      name: 'step: distributions that are one-hot equal class numbers',
      run: () =>
        withSession(engine, mixedNet, { batchSize: 6 }, ({ session: left }) =>
          withSession(engine, mixedNet, { batchSize: 6 }, async ({ session: right }) => {
            for (const [step, count] of [6, 4].entries()) {
              const batch = makeBatch(mixedNet, count, 95 + step);
              const soft = { images: batch.images, targets: oneHot(mixedNet, batch) };
              const losses = [await left.step(batch, plainHyper), await right.step(soft, plainHyper)];
              assertEqual('loss', losses[1], losses[0]);
            }
            assertSameState('the states', await right.state(), await left.state());
          }),
        ),
    },
    {
      name: 'step: the gradient of a mixture of two labels is the mixture of their gradients',
      run: () =>
        withSession(
          engine,
          mixedNet,
          { batchSize: 4, optimizer: { kind: 'sgd' } },
          async ({ session, start }) => {
            const batch = makeBatch(mixedNet, 4, 97);
            const other = { ...batch, labels: ndarray(batch.labels.data.map((label) => (label + 1) % 4)) };
            const [a, b] = [oneHot(mixedNet, batch), oneHot(mixedNet, other)];
            const mixed = ndarray(
              a.data.map((share, i) => 0.75 * share + 0.25 * b.data[i]!),
              [4, 4],
            );
            const kernels: Float32Array[] = [];
            for (const targets of [a, b, mixed]) {
              await session.restore(start);
              const hyper = { learningRate: 1, momentum: 0, weightDecay: 0 };
              await session.step({ images: batch.images, targets }, hyper);
              const { data } = (await session.state()).parameters.at(-2)!;
              kernels.push(data.map((value, i) => start.parameters.at(-2)!.data[i]! - value));
            }
            const expected = kernels[0]!.map((value, i) => 0.75 * value + 0.25 * kernels[1]![i]!);
            assertRelative('gradient of the last kernel', kernels[2]!, expected, tolerance.relative);
          },
        ),
    },
  ];
}

function oneHot(net: NetSpec, { labels }: FixtureBatch) {
  const [count, classes] = [labels.shape[0]!, classCount(net)];
  const targets = ndarray(new Float32Array(count * classes), [count, classes]);
  for (let i = 0; i < count; i++) targets.set(i, labels.get(i), 1);
  return targets;
}
