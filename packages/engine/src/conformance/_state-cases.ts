import { layers, sequential } from '@tensorflow/tfjs-layers';
import type { Engine, Optimizer, TrainingSession } from '../engine.js';
import { assertClose, assertEqual, assertSameBits, assertSameState, assertTypedError } from './_assert.js';
import { denseNet, dropoutNet, makeBatch, mixedNet, plainHyper, withSession } from './_fixtures.js';
import { buildNet, type NetSpec } from './_net-spec.js';
import type { ConformanceCase } from './conformance-case.js';
import { ConformanceError } from './conformance-error.js';
import type { ConformanceTolerance } from './conformance-tolerance.js';

export function stateCases(engine: Engine, tolerance: ConformanceTolerance): ConformanceCase[] {
  const adam: Optimizer = { kind: 'adam' };
  const resumable: [string, NetSpec, Optimizer][] = [
    ['Adam', mixedNet, adam],
    ['SGD with momentum', mixedNet, { kind: 'sgd' }],
    ['dropout', dropoutNet, adam],
  ];
  return [
    ...resumable.map(([title, net, optimizer]) => ({
      name: `restore: a new session continues bit for bit (${title})`,
      run: async () => {
        const options = { batchSize: 4, optimizer, seed: 5 };
        const whole = await withSession(engine, net, options, async ({ session }) => {
          const losses = await takeSteps(session, net, 0, 5);
          return { losses, state: await session.state() };
        });
        const half = await withSession(engine, net, options, async ({ session }) => {
          await takeSteps(session, net, 0, 2);
          return await session.state();
        });
        await withSession(engine, net, options, async ({ session }) => {
          await takeSteps(session, net, 7, 1);
          await session.restore(half);
          assertSameState('the state after restore', await session.state(), half);
          const losses = await takeSteps(session, net, 2, 3);
          assertEqual('losses', losses, whole.losses.slice(2));
          assertSameState('the state after 2 + 3 steps', await session.state(), whole.state);
        });
      },
    })),
    {
      name: 'seed: the same seed gives the same dropout, another seed another, each step its own',
      run: async () => {
        const lossesWith = (seed: number) =>
          withSession(engine, dropoutNet, { batchSize: 16, seed }, async ({ session }) => {
            const batch = makeBatch(dropoutNet, 16, 50);
            const still = { learningRate: 0, momentum: 0.9, weightDecay: 0 };
            return [(await session.step(batch, still)).loss, (await session.step(batch, still)).loss];
          });
        const [first, again, other] = [await lossesWith(1), await lossesWith(1), await lossesWith(2)];
        assertEqual('losses of the same seed', again, first);
        if (other[0] === first[0]) throw new ConformanceError('seeds 1 and 2 gave the same dropout mask');
        if (first[0] === first[1]) throw new ConformanceError('steps 0 and 1 gave the same dropout mask');
      },
    },
    {
      name: 'state: parallel, named as in the model, and a copy',
      run: () =>
        withSession(engine, mixedNet, { batchSize: 4 }, async ({ session, model, start }) => {
          assertEqual('step', start.step, 0);
          assertEqual(
            'shapes of the parameters',
            start.parameters.map(({ shape }) => shape),
            model.trainableWeights.map(({ shape }) => shape),
          );
          const twin = buildNet(mixedNet, 12);
          const names = await engine.open(twin, { batchSize: 4 }).then(async (other) => {
            const { parameters, statistics } = await other.state();
            await other.dispose();
            return [...parameters, ...statistics].map(({ name }) => name);
          });
          twin.dispose();
          const own = [...start.parameters, ...start.statistics].map(({ name }) => name);
          assertEqual('names of the same net built twice in one process', names, own);
          assertEqual('number of distinct names', new Set(own).size, own.length);
          assertEqual('slots of Adam', Object.keys(start.slots).sort(), ['m', 'v']);
          for (const slot of Object.values(start.slots)) {
            assertEqual('entries of a slot', slot.length, start.parameters.length);
            for (const tensor of slot) {
              assertClose(`slot of ${tensor.name}`, tensor.data, new Float32Array(tensor.data.length), 0);
            }
          }
          for (const [i, weight] of model.trainableWeights.entries()) {
            assertSameBits(weight.name, start.parameters[i]!.data, weight.read().dataSync() as Float32Array);
          }
          const kept = start.parameters.map(({ data }) => data.slice());
          await takeSteps(session, mixedNet, 0, 1);
          for (const [i, data] of kept.entries()) {
            assertSameBits('a state taken earlier', start.parameters[i]!.data, data);
          }
          start.parameters[0]!.data.fill(9);
          const now = await session.state();
          if (now.parameters[0]!.data[0] === 9) throw new ConformanceError('state() hands out live memory');
        }),
    },
    {
      name: 'state: a weight of a named layer is called layer/weight, also the second time the net is built',
      run: async () => {
        for (let time = 0; time < 2; time++) {
          const model = sequential({
            layers: [
              layers.flatten({ inputShape: [3, 3, 1], name: 'flat' }),
              layers.dense({ units: 3, name: 'head' }),
            ],
          });
          const session = await engine.open(model, { batchSize: 4 });
          const { parameters } = await session.state();
          const names = parameters.map(({ name }) => name);
          await session.dispose();
          model.dispose();
          assertEqual('names', names, ['head/kernel', 'head/bias']);
        }
      },
    },
    {
      name: 'restore: takes a state of the same net whose layers were numbered differently',
      run: () =>
        withSession(engine, mixedNet, { batchSize: 4 }, async ({ session, start }) => {
          const rename = (tensors: typeof start.parameters) =>
            tensors.map((tensor, i) => ({ ...tensor, name: `other_${i}/weight` }));
          await session.restore({ ...start, parameters: rename(start.parameters) });
          assertEqual('the names', (await session.state()).parameters[0]!.name, start.parameters[0]!.name);
        }),
    },
    {
      name: 'writeBack: the model is untouched before it and holds the state after it',
      run: () =>
        withSession(engine, mixedNet, { batchSize: 4 }, async ({ session, model, start }) => {
          await takeSteps(session, mixedNet, 0, 2);
          const weights = [...model.trainableWeights, ...model.nonTrainableWeights];
          const read = () => weights.map((weight) => weight.read().dataSync() as Float32Array);
          const before = [...start.parameters, ...start.statistics];
          for (const [i, data] of read().entries()) {
            assertSameBits(`${before[i]!.name} before`, data, before[i]!.data);
          }
          await session.writeBack();
          const state = await session.state();
          const after = [...state.parameters, ...state.statistics];
          for (const [i, data] of read().entries()) {
            assertSameBits(`${after[i]!.name} after`, data, after[i]!.data);
          }
          await takeSteps(session, mixedNet, 2, 1);
          for (const [i, data] of read().entries()) {
            assertSameBits(`${after[i]!.name} one step later`, data, after[i]!.data);
          }
        }),
    },
    {
      name: 'two sessions side by side do not disturb each other',
      run: () =>
        withSession(engine, denseNet, { batchSize: 4 }, ({ session: left }) =>
          withSession(engine, denseNet, { batchSize: 4 }, async ({ session: right }) => {
            await takeSteps(left, denseNet, 0, 1);
            await takeSteps(right, denseNet, 0, 1);
            await takeSteps(left, denseNet, 1, 1);
            await takeSteps(right, denseNet, 1, 1);
            assertSameState('the two states', await left.state(), await right.state());
          }),
        ),
    },
    {
      name: 'a model trained through a session predicts the same when it is opened again',
      run: async () => {
        const model = buildNet(mixedNet, 12);
        const { images } = makeBatch(mixedNet, 4, 60);
        const first = await engine.open(model, { batchSize: 4 });
        await takeSteps(first, mixedNet, 0, 2);
        const expected = await first.predict(images);
        await first.writeBack();
        await first.dispose();
        const second = await engine.open(model, { batchSize: 4 });
        assertClose('logits', (await second.predict(images)).data, expected.data, tolerance.absolute);
        await second.dispose();
        model.dispose();
      },
    },
    {
      name: 'dispose: twice is fine; every later call is a typed error; the model lives on',
      run: () =>
        withSession(engine, denseNet, { batchSize: 4 }, async ({ session, model, start }) => {
          await session.dispose();
          await session.dispose();
          const batch = makeBatch(denseNet, 4, 70);
          await assertTypedError('step', () => session.step(batch, plainHyper), 'SESSION_CLOSED', /dispose/i);
          await assertTypedError(
            'predict',
            () => session.predict(batch.images),
            'SESSION_CLOSED',
            /dispose/i,
          );
          await assertTypedError('state', () => session.state(), 'SESSION_CLOSED', /dispose/i);
          await assertTypedError('restore', () => session.restore(start), 'SESSION_CLOSED', /dispose/i);
          await assertTypedError('writeBack', () => session.writeBack(), 'SESSION_CLOSED', /dispose/i);
          assertSameBits(
            'a weight of the model',
            model.trainableWeights[0]!.read().dataSync() as Float32Array,
            start.parameters[0]!.data,
          );
        }),
    },
  ];
}

async function takeSteps(session: TrainingSession, net: NetSpec, from: number, count: number) {
  const losses: number[] = [];
  for (let step = from; step < from + count; step++) {
    losses.push((await session.step(makeBatch(net, 4, 40 + step), plainHyper)).loss);
  }
  return losses;
}
