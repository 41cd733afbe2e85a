import { sizeOf } from '@mnist/kit';
import { type LayersModel, layers, regularizers, sequential } from '@tensorflow/tfjs-layers';
import ndarray from 'ndarray';
import type { Engine, StepOptions, TrainingBatch, TrainingSession, TrainingState } from '../engine.js';
import type { EngineErrorCode } from '../engine-error.js';
import { assertEqual, assertSameState, assertTypedError } from './_assert.js';
import { denseNet, makeBatch, plainHyper, withSession } from './_fixtures.js';
import { buildNet, type NetSpec } from './_net-spec.js';
import type { ConformanceCase } from './conformance-case.js';

/** Bad input of any kind is refused with a typed error that names the value, and the session is as good as before. */
export function misuseCases(engine: Engine): ConformanceCase[] {
  const batch = makeBatch(denseNet, 4, 80);
  const zeros = (...shape: number[]) => ndarray(new Float32Array(sizeOf(shape)), shape);
  const unsound = (data: unknown, ...shape: number[]) => ndarray(data as Float32Array, shape);
  const targets = (...values: number[]) => ({ targets: ndarray(Float32Array.from(values), [4, 3]) });
  const even = [1, 0, 0, 0, 1, 0, 0, 0, 1];
  const badBatches: Record<string, [unknown, RegExp]> = {
    'no image': [makeBatch(denseNet, 0, 81), /\b0\b/],
    'more images than the session was opened for': [makeBatch(denseNet, 5, 82), /\b5\b/],
    'another height': [{ ...batch, images: zeros(4, 2, 3, 1) }, /2, ?3, ?1/],
    'another number of channels': [{ ...batch, images: zeros(4, 3, 3, 3) }, /3, ?3, ?3/],
    'flat images': [{ ...batch, images: zeros(4, 9) }, /4, ?9/],
    'float64 images': [{ ...batch, images: unsound(new Float64Array(36), 4, 3, 3, 1) }, /Float64Array/],
    'uint8 images': [{ ...batch, images: unsound(new Uint8Array(36), 4, 3, 3, 1) }, /Uint8Array/],
    'fewer labels than images': [{ ...batch, labels: ndarray(Uint8Array.of(0, 1, 2)) }, /\b3\b/],
    'a label outside the classes': [{ ...batch, labels: ndarray(Uint8Array.of(0, 1, 3, 2)) }, /\b3\b/],
    'a label that is not a number': [{ ...batch, labels: ndarray([0, Number.NaN, 1, 2]) }, /NaN/],
    'a negative label': [{ ...batch, labels: ndarray(Int8Array.of(0, -1, 1, 2)) }, /-1/],
    'targets of another shape': [{ ...batch, targets: zeros(4, 2) }, /4, ?2/],
    'targets that sum to 2': [{ ...batch, ...targets(...even, 1, 1, 0) }, /sum to 2/],
    'a negative target': [{ ...batch, ...targets(...even, 1.5, -0.5, 0) }, /1\.5|-0\.5/],
    'a target that is not a number': [{ ...batch, ...targets(...even, Number.NaN, 1, 0) }, /NaN/],
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
    'a parameter of another type': (state) => ({
      ...state,
      parameters: state.parameters.map((tensor) => ({
        ...tensor,
        data: Float64Array.from(tensor.data) as unknown as Float32Array,
      })),
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
    'epsilon 0': { batchSize: 4, optimizer: { kind: 'adam', epsilon: 0 } },
    "nesterov as the text 'false'": {
      batchSize: 4,
      optimizer: { kind: 'sgd', nesterov: 'false' },
    } as unknown as StepOptions,
    'an option of another optimiser': {
      batchSize: 4,
      optimizer: { kind: 'sgd', beta2: 0.9 },
    } as unknown as StepOptions,
    'a seed of 1.5': { batchSize: 4, seed: 1.5 },
    'a signal that is none': { batchSize: 4, signal: {} as AbortSignal },
  };
  const refusedWhole = (
    what: string,
    code: EngineErrorCode,
    call: (session: TrainingSession) => Promise<unknown>,
    text?: RegExp,
  ) => ({
    name: `refuses ${what} with a typed error and stays usable`,
    run: () =>
      withSession(engine, denseNet, { batchSize: 4 }, async ({ session }) => {
        await session.step(batch, plainHyper);
        const before = await session.state();
        await assertTypedError(what, () => call(session), code, text);
        assertSameState('the state', await session.state(), before);
        await session.step(batch, plainHyper);
        assertEqual('step', (await session.state()).step, 2);
      }),
  });
  return [
    ...Object.entries(badBatches).map(([what, [bad, text]]) =>
      refusedWhole(what, 'INVALID_BATCH', (session) => session.step(bad as TrainingBatch, plainHyper), text),
    ),
    ...Object.entries(badHypers).map(([what, hyper]) =>
      refusedWhole(what, 'INVALID_HYPERPARAMETER', (session) => session.step(batch, hyper)),
    ),
    refusedWhole(
      'predict on images of another shape',
      'INVALID_BATCH',
      (session) => session.predict(zeros(4, 2, 2, 1)),
      /2, ?2, ?1/,
    ),
    refusedWhole(
      'predict on uint8 images',
      'INVALID_BATCH',
      (session) => session.predict(unsound(new Uint8Array(9), 1, 3, 3, 1)),
      /Uint8Array/,
    ),
    ...Object.entries(badStates).map(([what, spoil]) =>
      refusedWhole(`a state with ${what}`, 'STATE_MISMATCH', async (session) =>
        session.restore(spoil(await session.state())),
      ),
    ),
    ...Object.entries(badOptions).map(([what, options]) => ({
      name: `open refuses ${what} with a typed error`,
      run: async () => {
        const model = buildNet(denseNet, 1);
        await assertTypedError(what, () => engine.open(model, options), 'INVALID_OPTION');
        model.dispose();
      },
    })),
    ...Object.entries(badModels).map(([what, [code, build, text]]) => ({
      name: `open refuses ${what} with a typed error`,
      run: async () => {
        const model = build();
        await assertTypedError(what, () => engine.open(model, { batchSize: 4 }), code, text);
        model.dispose();
      },
    })),
    {
      name: 'step refuses a batch that leaves a batch normalisation one value a channel',
      run: () =>
        withSession(engine, flatNormNet, { batchSize: 4 }, async ({ session }) => {
          const one = makeBatch(flatNormNet, 1, 83);
          await assertTypedError(
            'step',
            () => session.step(one, plainHyper),
            'INVALID_BATCH',
            /1 value a channel/,
          );
          await session.step(makeBatch(flatNormNet, 2, 84), plainHyper);
        }),
    },
  ];
}

const flatNormNet: NetSpec = {
  imageShape: [3, 3, 1],
  layers: [
    { kind: 'flatten' },
    { kind: 'dense', units: 6 },
    { kind: 'batchNorm', momentum: 0.9, epsilon: 1e-3 },
    { kind: 'dense', units: 3 },
  ],
};

const flat = () => layers.flatten({ inputShape: [3, 3, 1] });
const dense = () => layers.dense({ units: 3 });

const badModels: Record<string, [EngineErrorCode, () => LayersModel, RegExp]> = {
  'a softmax as last layer under the cross-entropy loss, which takes logits': [
    'UNSUPPORTED_LAYER',
    () => sequential({ layers: [flat(), layers.dense({ units: 3, activation: 'softmax' })] }),
    /softmax.*Leave the last activation out/,
  ],
  'a softmax layer at the end': [
    'UNSUPPORTED_LAYER',
    () => sequential({ layers: [flat(), dense(), layers.softmax()] }),
    /softmax/,
  ],
  'a softmax activation layer at the end': [
    'UNSUPPORTED_LAYER',
    () => sequential({ layers: [flat(), dense(), layers.activation({ activation: 'softmax' })] }),
    /softmax/,
  ],
  'noise without a seed': [
    'UNSUPPORTED_LAYER',
    () => sequential({ layers: [flat(), layers.gaussianNoise({ stddev: 1 }), dense()] }),
    /GaussianNoise.*cannot be seeded/,
  ],
  'a regularizer': [
    'UNSUPPORTED_LAYER',
    () => sequential({ layers: [flat(), layers.dense({ units: 3, kernelRegularizer: regularizers.l2() })] }),
    /'kernelRegularizer'.*weightDecay/,
  ],
  'an output that is no class vector': [
    'UNSUPPORTED_MODEL',
    () => sequential({ layers: [layers.conv2d({ inputShape: [4, 4, 1], filters: 1, kernelSize: 1 })] }),
    /output/,
  ],
  'an input that is no image': [
    'UNSUPPORTED_MODEL',
    () => sequential({ layers: [layers.dense({ inputShape: [16], units: 3 })] }),
    /input/,
  ],
};
