import { integer, type RandomGenerator, stream } from '@mnist/kit';
import { tensor } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { requireBackend } from './_require-backend.js';
import { check, ModelError } from './model-error.js';

export interface InitializeWeightsOptions {
  /** Any safe integer. Default 0. */
  seed?: number;
}

type Layer = LayersModel['layers'][number];

/**
 * Overwrites all weights of a model with PyTorch's default initialisation, drawn from one stream a layer.
 *
 * Kernels and biases of convolutions and dense layers are uniform in +-1/sqrt(fanIn), where fanIn is the number of
 * inputs that reach one output (`torch.nn.Linear.reset_parameters`, `torch.nn.modules.conv._ConvNd.reset_parameters`).
 * Batch normalisation starts as the identity: gamma 1, beta 0, running mean 0, running variance 1.
 * A layer's numbers depend on the seed, its name and its shape alone, so adding a layer leaves the others as they were.
 *
 * @throws ModelError INVALID_OPTION, NO_BACKEND, UNSUPPORTED_LAYER (a layer with weights of any other kind)
 */
export function initializeWeights(model: LayersModel, options?: InitializeWeightsOptions): void {
  const where = 'initializeWeights';
  const { seed } = check.complete(where, options, { seed: 0 }, { seed: integer() });
  requireBackend(where);
  const plans = model.layers.filter((layer) => layer.weights.length > 0).map(planLayer);
  for (const { layer, fanIn } of plans) {
    const random = stream(seed, `weights of ${layer.name}`);
    const values = layer.weights.map(({ originalName, shape }) => {
      const data = new Float32Array(shape.reduce<number>((size, length) => size * (length as number), 1));
      if (fanIn === undefined) data.fill(/\/(gamma|moving_variance)$/.test(originalName) ? 1 : 0);
      else fillUniform(data, 1 / Math.sqrt(fanIn), random);
      return tensor(data, shape as number[], 'float32');
    });
    layer.setWeights(values);
    for (const value of values) value.dispose();
  }
}

/** How a layer is to be drawn; `fanIn` undefined for batch normalisation. Nothing is written before all are known. */
function planLayer(layer: Layer): { layer: Layer; fanIn: number | undefined } {
  const kind = layer.getClassName();
  if (kind === 'BatchNormalization') return { layer, fanIn: undefined };
  const shape = layer.weights[0]!.shape as number[];
  switch (kind) {
    case 'Conv1D':
    case 'Conv2D':
    case 'Conv3D':
    case 'Dense':
      return { layer, fanIn: shape.slice(0, -1).reduce((size, length) => size * length, 1) };
    case 'DepthwiseConv2D':
      return { layer, fanIn: shape[0]! * shape[1]! };
    default:
      throw new ModelError(
        'UNSUPPORTED_LAYER',
        `initializeWeights: layer '${layer.name}' is a ${kind}, for which PyTorch's default is not known here. ` +
          'Known are Conv1D, Conv2D, Conv3D, DepthwiseConv2D, Dense and BatchNormalization; give the layer initialisers of its own instead.',
      );
  }
}

function fillUniform(data: Float32Array, bound: number, random: RandomGenerator): void {
  // 24 bits, as many as a float32 holds, placed symmetrically about 0. The low bits of xoroshiro128+ are weak.
  for (let i = 0; i < data.length; i++) data[i] = ((random.next() >> 8) + 0.5) * 2 ** -23 * bound;
}
