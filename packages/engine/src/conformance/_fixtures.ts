import { sizeOf, stream, uniform } from '@mnist/kit';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import ndarray, { type NdArray } from 'ndarray';
import type { Engine, Hyperparameters, StepOptions, TrainingSession, TrainingState } from '../engine.js';
import { buildNet, type NetSpec } from './_net-spec.js';
import type { ReferenceState } from './_reference-training.js';

export interface FixtureBatch {
  readonly images: NdArray<Float32Array>;
  readonly labels: NdArray<Uint8Array>;
}

export const plainHyper: Hyperparameters = { learningRate: 1e-2, momentum: 0.9, weightDecay: 0 };

/** conv, ReLU, max pool, residual batch norm, 'valid' conv, average pool, dense: 4 classes. */
export const mixedNet: NetSpec = {
  imageShape: [8, 8, 2],
  layers: [
    { kind: 'conv', filters: 4, size: 3, padding: 'same' },
    { kind: 'relu' },
    { kind: 'batchNorm', momentum: 0.9, epsilon: 1e-5 },
    {
      kind: 'residual',
      layers: [{ kind: 'conv', filters: 4, size: 3, padding: 'same' }, { kind: 'relu' }],
    },
    { kind: 'maxPool', size: 2, padding: 'valid' },
    { kind: 'batchNorm', momentum: 0.8, epsilon: 1e-3 },
    { kind: 'conv', filters: 3, size: 3, padding: 'valid' },
    { kind: 'averagePool', size: 2, padding: 'valid' },
    { kind: 'flatten' },
    { kind: 'dense', units: 4 },
  ],
};

/** Max pooling 7 -> 4 with windows that hang over the edge. */
export const ceilPoolNet: NetSpec = {
  imageShape: [7, 7, 1],
  layers: [
    { kind: 'conv', filters: 3, size: 3, padding: 'same' },
    { kind: 'maxPool', size: 2, padding: 'same' },
    { kind: 'flatten' },
    { kind: 'dense', units: 3 },
  ],
};

export const denseNet: NetSpec = {
  imageShape: [3, 3, 1],
  layers: [{ kind: 'flatten' }, { kind: 'dense', units: 6 }, { kind: 'relu' }, { kind: 'dense', units: 3 }],
};

export const dropoutNet: NetSpec = {
  imageShape: [4, 4, 1],
  layers: [
    { kind: 'flatten' },
    { kind: 'dense', units: 16 },
    { kind: 'relu' },
    { kind: 'dropout', rate: 0.5 },
    { kind: 'dense', units: 3 },
  ],
};

/** Pixels uniform in -1.5 ... 1.5, labels uniform: the same for the same seed. */
export function makeBatch(net: NetSpec, size: number, seed: number): FixtureBatch {
  const numbers = stream(seed, 'conformance');
  const random = () => uniform(numbers);
  const shape = [size, ...net.imageShape];
  const pixels = sizeOf(shape);
  const classes = classCount(net);
  return {
    images: ndarray(
      Float32Array.from({ length: pixels }, () => 3 * random() - 1.5),
      shape,
    ),
    labels: ndarray(Uint8Array.from({ length: size }, () => Math.floor(random() * classes))),
  };
}

export function classCount(net: NetSpec): number {
  const last = net.layers.at(-1);
  if (last?.kind !== 'dense') throw new RangeError('the last layer of a fixture net is dense');
  return last.units;
}

export interface OpenedNet {
  readonly model: LayersModel;
  readonly session: TrainingSession;
  readonly start: TrainingState;
}

/** Opens a fixture net, hands it to `use`, and disposes of session and model whatever happens. */
export async function withSession<T>(
  engine: Engine,
  net: NetSpec,
  options: StepOptions,
  use: (opened: OpenedNet) => Promise<T>,
): Promise<T> {
  const model = buildNet(net, 11);
  try {
    const session = await engine.open(model, options);
    try {
      return await use({ model, session, start: await session.state() });
    } finally {
      await session.dispose();
    }
  } finally {
    model.dispose();
  }
}

/** What the float64 reference continues from. */
export function toReference(state: TrainingState): ReferenceState {
  const widen = (tensors: TrainingState['parameters']) => tensors.map(({ data }) => Float64Array.from(data));
  return {
    step: state.step,
    parameters: widen(state.parameters),
    statistics: widen(state.statistics),
    slots: Object.fromEntries(Object.entries(state.slots).map(([name, slot]) => [name, widen(slot)])),
  };
}
