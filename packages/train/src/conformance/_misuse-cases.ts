import { layers, sequential } from '@tensorflow/tfjs-layers';
import ndarray, { type NdArray } from 'ndarray';
import type { Engine, StepOptions, TrainingState } from '../engine.js';
import { assertEqual, assertSameState, assertTypedError } from './_assert.js';
import { denseNet, makeBatch, plainHyper, withSession } from './_fixtures.js';
import { buildNet } from './_net-spec.js';
import type { ConformanceCase } from './conformance-case.js';

/** Bad input of any kind is refused with a typed error that names the value, and the session is as good as before. */
export function misuseCases(engine: Engine): ConformanceCase[] {
  const batch = makeBatch(denseNet, 4, 80);
  const zeros = (...shape: number[]) =>
    ndarray(new Float32Array(shape.reduce((product, length) => product * length, 1)), shape);
  const badBatches: Record<string, [{ images: NdArray<Float32Array>; labels: NdArray<Uint8Array> }, RegExp]> =
    {
      'too few images': [makeBatch(denseNet, 3, 81), /\b3\b/],
      'too many images': [makeBatch(denseNet, 5, 82), /\b5\b/],
      'another height': [{ ...batch, images: zeros(4, 2, 3, 1) }, /2, ?3, ?1/],
      'another number of channels': [{ ...batch, images: zeros(4, 3, 3, 3) }, /3, ?3, ?3/],
      'flat images': [{ ...batch, images: zeros(4, 9) }, /4, ?9/],
      'fewer labels than images': [{ ...batch, labels: ndarray(Uint8Array.of(0, 1, 2)) }, /\b3\b/],
      'a label outside the classes': [{ ...batch, labels: ndarray(Uint8Array.of(0, 1, 3, 2)) }, /\b3\b/],
      'a label that is not a number': [
        { ...batch, labels: ndarray([0, Number.NaN, 1, 2]) as unknown as NdArray<Uint8Array> },
        /NaN/,
      ],
      'a negative label': [
        { ...batch, labels: ndarray(Int8Array.of(0, -1, 1, 2)) as unknown as NdArray<Uint8Array> },
        /-1/,
      ],
    };
  const badHypers = {
    'a learning rate that is not a number': { ...plainHyper, learningRate: Number.NaN },
    'an infinite learning rate': { ...plainHyper, learningRate: Number.POSITIVE_INFINITY },
    'a negative learning rate': { ...plainHyper, learningRate: -1 },
    'a momentum of 1': { ...plainHyper, momentum: 1 },
    'a negative momentum': { ...plainHyper, momentum: -0.1 },
    'a weight decay that is not a number': { ...plainHyper, weightDecay: Number.NaN },
  };
  const badStates: Record<string, (state: TrainingState) => TrainingState> = {
    'a parameter missing': (state) => ({ ...state, parameters: state.parameters.slice(1) }),
    'a parameter of another shape': (state) => ({
      ...state,
      parameters: state.parameters.map((tensor, i) =>
        i === 0 ? { ...tensor, shape: [3, 18], data: new Float32Array(54) } : tensor,
      ),
    }),
    'a parameter shorter than its shape': (state) => ({
      ...state,
      parameters: state.parameters.map((tensor) => ({ ...tensor, data: tensor.data.subarray(1) })),
    }),
    'the slots of another optimiser': (state) => ({ ...state, slots: { velocity: state.slots.m! } }),
    'a statistic too many': (state) => ({ ...state, statistics: [state.parameters[0]!] }),
    'a negative step': (state) => ({ ...state, step: -1 }),
  };
  const badOptions: Record<string, StepOptions> = {
    'batch size 0': { batchSize: 0 },
    'batch size 2.5': { batchSize: 2.5 },
    'an unknown option': { batchSize: 4, learningRate: 1 } as StepOptions,
    'an unknown loss': { batchSize: 4, loss: { kind: 'hinge' } } as unknown as StepOptions,
    'label smoothing 2': { batchSize: 4, loss: { kind: 'softmaxCrossEntropy', labelSmoothing: 2 } },
    'an unknown optimiser': { batchSize: 4, optimizer: { kind: 'lion' } } as unknown as StepOptions,
    'beta2 1': { batchSize: 4, optimizer: { kind: 'adam', beta2: 1 } },
  };
  const refusedWhole = (what: string, call: (session: OpenedSession) => Promise<unknown>, text?: RegExp) => ({
    name: `refuses ${what} with a typed error and stays usable`,
    run: () =>
      withSession(engine, denseNet, { batchSize: 4 }, async ({ session }) => {
        await session.step(batch, plainHyper);
        const before = await session.state();
        await assertTypedError(what, () => call(session), text);
        assertSameState('the state', await session.state(), before);
        await session.step(batch, plainHyper);
        assertEqual('step', (await session.state()).step, 2);
      }),
  });
  return [
    ...Object.entries(badBatches).map(([what, [bad, text]]) =>
      refusedWhole(what, (session) => session.step(bad, plainHyper), text),
    ),
    ...Object.entries(badHypers).map(([what, hyper]) =>
      refusedWhole(what, (session) => session.step(batch, hyper)),
    ),
    refusedWhole(
      'predict on images of another shape',
      (session) => session.predict(zeros(4, 2, 2, 1)),
      /2, ?2, ?1/,
    ),
    ...Object.entries(badStates).map(([what, spoil]) =>
      refusedWhole(`a state with ${what}`, async (session) => session.restore(spoil(await session.state()))),
    ),
    ...Object.entries(badOptions).map(([what, options]) => ({
      name: `open refuses ${what} with a typed error`,
      run: async () => {
        const model = buildNet(denseNet, 1);
        await assertTypedError(what, () => engine.open(model, options));
        model.dispose();
      },
    })),
    {
      name: 'open refuses a softmax as last layer under the cross-entropy loss, which takes logits',
      run: async () => {
        const model = sequential({
          layers: [
            layers.flatten({ inputShape: [3, 3, 1] }),
            layers.dense({ units: 3, activation: 'softmax' }),
          ],
        });
        await assertTypedError('softmax', () => engine.open(model, { batchSize: 4 }), /softmax/);
        model.dispose();
      },
    },
  ];
}

type OpenedSession = Awaited<ReturnType<Engine['open']>>;
