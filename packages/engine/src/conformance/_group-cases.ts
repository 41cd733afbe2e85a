import ndarray from 'ndarray';
import type { Engine, GroupedStep, TrainingSession } from '../engine.js';
import { assertClose, assertCloseState, assertEqual, assertSameState, assertTypedError } from './_assert.js';
import { dropoutNet, makeBatch, mixedNet, plainHyper, withSession } from './_fixtures.js';
import type { NetSpec } from './_net-spec.js';
import type { ConformanceCase } from './conformance-case.js';
import type { ConformanceTolerance } from './conformance-tolerance.js';

const batchSize = 4;

/** Steps in groups are what as many single steps are. A session that does not offer groups has nothing to show. */
export function groupCases(engine: Engine, tolerance: ConformanceTolerance): ConformanceCase[] {
  const nets: [string, NetSpec][] = [
    ['every layer kind', mixedNet],
    ['dropout', dropoutNet],
  ];
  const open = (net: NetSpec, use: (session: TrainingSession) => Promise<void>) =>
    withSession(engine, net, { batchSize, seed: 5 }, async ({ session }) => {
      if (session.group) await use(session);
    });
  return [
    ...nets.map(([title, net]) => ({
      name: `group: steps in one call equal single steps (${title})`,
      run: () =>
        open(net, (grouped) =>
          withSession(engine, net, { batchSize, seed: 5 }, async ({ session: single }) => {
            const all = steps(net, 5);
            const counts = [Math.min(3, grouped.group!.size), 1, 1];
            for (const [i, count] of counts.entries()) {
              const start = counts.slice(0, i).reduce((sum, value) => sum + value, 0);
              const taken = all.slice(start, start + count);
              const losses = (await grouped.group!.steps(taken)).map(({ loss }) => loss);
              const expected: number[] = [];
              for (const { batch, hyper } of taken) expected.push((await single.step(batch, hyper)).loss);
              assertClose('losses', losses, expected, tolerance.absolute);
              assertCloseState('state', await grouped.state(), await single.state(), tolerance.absolute);
            }
          }),
        ),
    })),
    {
      name: 'group: steps that are taken back leave no trace',
      run: () =>
        open(mixedNet, (grouped) =>
          withSession(engine, mixedNet, { batchSize, seed: 5 }, async ({ session: single }) => {
            const taken = steps(mixedNet, Math.min(3, grouped.group!.size));
            const before = await grouped.state();
            await grouped.group!.steps(taken);
            await grouped.group!.keep(0);
            assertSameState('after taking all back', await grouped.state(), before);
            for (let kept = 1; kept <= taken.length; kept++) {
              await grouped.restore(before);
              await grouped.group!.steps(taken);
              await grouped.group!.keep(kept);
              await single.restore(before);
              for (const { batch, hyper } of taken.slice(0, kept)) await single.step(batch, hyper);
              const what = `after keeping ${kept}`;
              assertCloseState(what, await grouped.state(), await single.state(), tolerance.absolute);
            }
            await assertTypedError('keep after a look', () => grouped.group!.keep(0), 'NOTHING_TO_TAKE_BACK');
          }),
        ),
    },
    {
      name: 'group: what it cannot take is refused, and nothing has changed',
      run: () =>
        open(mixedNet, async (session) => {
          const { group } = session;
          const before = await session.state();
          const [good] = steps(mixedNet, 1);
          const short = { batch: makeBatch(mixedNet, batchSize - 1, 1), hyper: plainHyper };
          const label = ndarray(new Uint8Array(batchSize).fill(200));
          const bad = { batch: { ...makeBatch(mixedNet, batchSize, 1), labels: label }, hyper: plainHyper };
          const wild = { batch: good!.batch, hyper: { ...plainHyper, momentum: 2 } };
          const tooMany = Array.from({ length: group!.size + 1 }, () => good!);
          await assertTypedError('no step', () => group!.steps([]), 'INVALID_OPTION');
          await assertTypedError('too many steps', () => group!.steps(tooMany), 'INVALID_OPTION');
          await assertTypedError('an incomplete batch', () => group!.steps([short]), 'INVALID_BATCH');
          await assertTypedError('a wrong label', () => group!.steps([bad]), 'INVALID_BATCH');
          await assertTypedError('a wrong momentum', () => group!.steps([wild]), 'INVALID_HYPERPARAMETER');
          await assertTypedError('nothing to keep', () => group!.keep(0), 'NOTHING_TO_TAKE_BACK');
          await group!.steps([good!]);
          await assertTypedError('more than there is', () => group!.keep(2), 'INVALID_OPTION');
          await group!.keep(0);
          assertSameState('the state', await session.state(), before);
          assertEqual('step', (await session.state()).step, 0);
        }),
    },
    {
      name: 'group: is not taken back once a call that waited for it has been answered',
      run: () =>
        open(mixedNet, async (session) => {
          const [first, second] = steps(mixedNet, 2);
          const calls = [session.group!.steps([first!]), session.step(second!.batch, second!.hyper)];
          await Promise.all(calls);
          await assertTypedError('keep', () => session.group!.keep(0), 'NOTHING_TO_TAKE_BACK');
          assertEqual('step', (await session.state()).step, 2);
        }),
    },
  ];
}

function steps(net: NetSpec, count: number): GroupedStep[] {
  return Array.from({ length: count }, (_, i) => ({
    batch: makeBatch(net, batchSize, 200 + i),
    hyper: { ...plainHyper, learningRate: plainHyper.learningRate / (i + 1) },
  }));
}
