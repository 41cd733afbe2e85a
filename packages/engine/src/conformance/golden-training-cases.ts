import type { LayersModel } from '@tensorflow/tfjs-layers';
import ndarray, { type NdArray } from 'ndarray';
import type { Engine, NamedTensor, StepOptions, TrainingSession, TrainingState } from '../engine.js';
import { assertClose, assertEqual, assertRelative } from './_assert.js';
import type { ConformanceCase } from './conformance-case.js';
import { ConformanceError } from './conformance-error.js';
import { decodeGoldenTensor, type GoldenTensor, type GoldenTraining } from './golden-training.js';

export interface GoldenTrainingOptions {
  readonly engine: Engine;
  readonly golden: GoldenTraining;
  /** float32 NHWC, 3 * batchSize images, normalised as they were for PyTorch. Default: those inside the file. */
  readonly images?: NdArray<Float32Array>;
  /** Class indices of the images. Default: those inside the file. */
  readonly labels?: NdArray<Uint8Array>;
  /** A LayersModel whose weights come in the order of the PyTorch module. Built once a case. */
  readonly buildNet: () => LayersModel;
  /** Goes into every title. */
  readonly title?: string;
}

/**
 * PyTorch's own figures: logits and losses to 1e-4 relative, gradients to 1e-3 of the largest in their tensor, parameters
 * and running statistics after three Adam steps to 1e-4 absolute. Where two pixels of a pooling window are equal but for
 * rounding, either may get the gradient, and Adam makes a whole step of a small gradient: one parameter in fifty, at least
 * one, of a tensor may be off by up to one learning rate, and the logits after them by 5e-4 relative.
 */
export function goldenTrainingCases(options: GoldenTrainingOptions): ConformanceCase[] {
  const { golden, title = 'golden PyTorch training' } = options;
  const images = options.images ?? goldenImages(golden);
  const labels = options.labels ?? ndarray(Uint8Array.from(golden.labels ?? []));
  const size = golden.batchSize;
  const batch = (step: number) => ({
    images: images.lo(step * size).hi(size),
    labels: labels.lo(step * size).hi(size),
  });
  const adam: StepOptions = {
    batchSize: size,
    optimizer: { kind: 'adam', beta2: golden.betas[1], epsilon: golden.eps },
  };
  const open = async (stepOptions: StepOptions, use: (session: TrainingSession) => Promise<void>) => {
    const model = options.buildNet();
    const session = await options.engine.open(model, stepOptions);
    try {
      await session.restore(withGoldenWeights(await session.state(), golden, golden.initial));
      await use(session);
    } finally {
      await session.dispose();
      model.dispose();
    }
  };
  return [
    {
      name: `${title}: evaluation logits before training`,
      run: () =>
        open(adam, async (session) => {
          const logits = await session.predict(batch(0).images);
          assertRelative('logits', logits.data, decodeGoldenTensor(golden.evalLogitsBefore), 1e-4);
        }),
    },
    {
      name: `${title}: gradients of the first batch`,
      run: () =>
        open({ batchSize: size, optimizer: { kind: 'sgd' } }, async (session) => {
          const before = await session.state();
          await session.step(batch(0), { learningRate: 1, momentum: 0, weightDecay: 0 });
          const after = await session.state();
          const expected = withGoldenWeights(before, golden, { ...golden.initial, ...golden.gradients });
          for (const [i, { name, data }] of after.parameters.entries()) {
            const gradient = data.map((value, k) => before.parameters[i]!.data[k]! - value);
            const golden = expected.parameters[i]!.data;
            const scale = golden.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
            assertClose(`gradient of ${name}`, gradient, golden, 1e-3 * scale + 2e-7);
          }
        }),
    },
    {
      name: `${title}: losses, parameters, running statistics and logits of three Adam steps`,
      run: () =>
        open(adam, async (session) => {
          const hyper = { learningRate: golden.lr, momentum: golden.betas[0], weightDecay: 0 };
          const losses: number[] = [];
          for (const step of golden.losses.keys()) losses.push((await session.step(batch(step), hyper)).loss);
          for (const [step, loss] of losses.entries()) {
            assertRelative(`loss of step ${step}`, [loss], [golden.losses[step]!], 1e-4);
          }
          const after = await session.state();
          const expected = withGoldenWeights(after, golden, golden.afterSteps);
          for (const [i, { name, data }] of after.parameters.entries()) {
            const exact = expected.parameters[i]!.data;
            const strays = data.filter((value, k) => !(Math.abs(value - exact[k]!) <= 1e-4)).length;
            const limit = strays <= Math.max(1, data.length / 50) ? Math.max(1e-4, golden.lr) : 1e-4;
            assertClose(`parameter ${name}`, data, exact, limit);
          }
          for (const [i, { name, data }] of after.statistics.entries()) {
            assertClose(`statistic ${name}`, data, expected.statistics[i]!.data, 1e-4);
          }
          const logits = await session.predict(batch(0).images);
          assertRelative('logits after', logits.data, decodeGoldenTensor(golden.evalLogitsAfter), 5e-4);
        }),
    },
  ];
}

function goldenImages(golden: GoldenTraining): NdArray<Float32Array> {
  if (!golden.images) {
    throw new ConformanceError(
      'the golden file has no images: pass `images` and `labels` to goldenTrainingCases',
    );
  }
  return ndarray(decodeGoldenTensor(golden.images), [...golden.images.shape]);
}

/** `state` with the file's `tensors` in place, converted to the LayersModel's layout. */
export function withGoldenWeights(
  state: TrainingState,
  golden: GoldenTraining,
  tensors: Readonly<Record<string, GoldenTensor>>,
): TrainingState {
  const statistics = Object.keys(golden.initial).filter((name) => !golden.names.includes(name));
  const place = (targets: readonly NamedTensor[], names: readonly string[]) => {
    assertEqual('number of tensors in the net', targets.length, names.length);
    return targets.map((target, i): NamedTensor => {
      const converted = convertLayout(tensors[names[i]!]!);
      assertEqual(`shape of ${target.name} for PyTorch's ${names[i]}`, target.shape, converted.shape);
      return { ...target, data: converted.data };
    });
  };
  return {
    ...state,
    parameters: place(state.parameters, golden.names),
    statistics: place(state.statistics, statistics),
  };
}

/** OIHW -> HWIO for kernels, [out, in] -> [in, out] for dense; vectors stay. */
function convertLayout(tensor: GoldenTensor): { shape: number[]; data: Float32Array } {
  const source = ndarray(decodeGoldenTensor(tensor), [...tensor.shape]);
  const order = { 1: [0], 2: [1, 0], 4: [2, 3, 1, 0] }[tensor.shape.length];
  if (!order)
    throw new ConformanceError(`a golden tensor of rank ${tensor.shape.length} has no known layout`);
  const view = source.transpose(...order);
  const data = new Float32Array(view.size);
  let at = 0;
  const copy = (axis: number, index: number[]): void => {
    if (axis === view.shape.length) {
      data[at++] = view.get(...index);
      return;
    }
    for (let i = 0; i < view.shape[axis]!; i++) copy(axis + 1, [...index, i]);
  };
  copy(0, []);
  return { shape: view.shape, data };
}
