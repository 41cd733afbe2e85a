import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Loss } from '../engine.js';
import { TrainError } from '../train-error.js';

type Layer = LayersModel['layers'][number];

/** What the session must know of the model, found and checked once. */
export interface ModelPlan {
  /** [height, width, channels] */
  readonly imageShape: readonly number[];
  readonly classes: number;
  readonly dropouts: readonly SeededLayer[];
  readonly normalizations: readonly NormalizationPlan[];
}

/** The part of tfjs-layers' Dropout that seeds its masks. */
interface SeededLayer {
  seed: number;
}

interface NormalizationPlan {
  readonly layer: BatchNormalizationLayer;
  /** Values that one channel's batch statistics are taken over. */
  readonly count: number;
}

/** The part of tfjs-layers' BatchNormalization that moves its statistics. */
interface BatchNormalizationLayer {
  readonly momentum: number;
  readonly movingVariance: { read(): tf.Tensor };
}

/** Layers whose randomness tfjs-layers cannot seed: a resumed training would differ from an uninterrupted one. */
const unseeded = ['GaussianNoise', 'GaussianDropout', 'AlphaDropout', 'RandomWidth'];

const gradientKernels: Readonly<Record<string, readonly string[]>> = {
  Conv2D: ['Conv2DBackpropInput', 'Conv2DBackpropFilter'],
  DepthwiseConv2D: ['DepthwiseConv2dNativeBackpropInput', 'DepthwiseConv2dNativeBackpropFilter'],
  MaxPooling2D: ['MaxPoolGrad'],
  AveragePooling2D: ['AvgPoolGrad'],
};

export function planModel(model: LayersModel, batchSize: number, loss: Loss): ModelPlan {
  const imageShape = onlyShape('input', model.inputs, 4);
  const [classes] = onlyShape('output', model.outputs, 2);
  const all = model.layers.flatMap(function flatten(layer: Layer): Layer[] {
    const nested = (layer as unknown as { layers?: Layer[] }).layers;
    return nested ? nested.flatMap(flatten) : [layer];
  });
  const dropouts: SeededLayer[] = [];
  const normalizations: NormalizationPlan[] = [];
  for (const layer of all) {
    const kind = layer.getClassName();
    if (unseeded.includes(kind)) {
      throw unsupported(layer, 'it draws random numbers that cannot be seeded', 'Use dropout instead');
    }
    const config = layer.getConfig();
    const extra = Object.keys(config).find(
      (key) => /(Regularizer|Constraint)$/.test(key) && config[key] != null,
    );
    if (extra) {
      throw unsupported(layer, `it has a '${extra}'`, 'Use the weightDecay hyperparameter instead');
    }
    for (const kernel of gradientKernels[kind] ?? []) {
      if (!tf.getKernel(kernel, tf.getBackend())) {
        throw new TrainError(
          'BACKEND_UNAVAILABLE',
          `The TensorFlow.js backend '${tf.getBackend()}' cannot train: it has no kernel '${kernel}', which layer '${layer.name}' (${kind}) needs. Use the backend 'cpu', 'tensorflow', 'webgl' or 'webgpu', or the engine of @mnist/onnx.`,
        );
      }
    }
    if (/Dropout/.test(kind)) dropouts.push(layer as unknown as SeededLayer);
    if (kind === 'BatchNormalization') normalizations.push(planNormalization(layer, batchSize));
  }
  if (loss.kind === 'softmaxCrossEntropy') refuseSoftmax(model.outputs[0]!.sourceLayer as Layer);
  return { imageShape, classes: classes!, dropouts, normalizations };
}

function onlyShape(what: string, tensors: LayersModel['inputs'], rank: number): number[] {
  const shape = tensors[0]!.shape;
  const [, ...rest] = shape;
  if (tensors.length !== 1 || shape.length !== rank || rest.some((length) => length === null)) {
    throw new TrainError(
      'UNSUPPORTED_MODEL',
      `The model has ${tensors.length} ${what}(s), the first of shape [${shape.map(String).join(', ')}]; a training needs exactly one, ${rank === 4 ? 'images [null, height, width, channels]' : 'logits [null, classes]'}, with known sizes.`,
    );
  }
  return rest as number[];
}

function planNormalization(layer: Layer, batchSize: number): NormalizationPlan {
  if (layer.inboundNodes.length !== 1) {
    throw unsupported(
      layer,
      `it is applied ${layer.inboundNodes.length} times`,
      'Give each use a layer of its own',
    );
  }
  const { axis, center, scale } = layer.getConfig() as { axis: number; center: boolean; scale: boolean };
  if (!center || !scale) {
    throw unsupported(layer, 'tfjs-layers cannot train it without center and scale', 'Leave both at true');
  }
  const { shape } = layer.input as { shape: (number | null)[] };
  const at = axis < 0 ? axis + shape.length : axis;
  let count = batchSize;
  for (const [i, length] of shape.entries()) if (i !== 0 && i !== at) count *= length ?? Number.NaN;
  if (!(count > 1)) {
    throw unsupported(
      layer,
      `each channel has ${count} value(s) in a batch, and a variance needs 2`,
      'Use a larger batch or images of a fixed size',
    );
  }
  return { layer: layer as unknown as BatchNormalizationLayer, count };
}

function refuseSoftmax(last: Layer): void {
  const { activation } = last.getConfig();
  if (activation === 'softmax' || last.getClassName() === 'Softmax') {
    throw unsupported(
      last,
      'it ends the net with a softmax, but the cross-entropy loss takes logits',
      'Leave the last activation out (linear)',
    );
  }
}

function unsupported(layer: Layer, reason: string, remedy: string): TrainError {
  return new TrainError(
    'UNSUPPORTED_MODEL',
    `Layer '${layer.name}' (${layer.getClassName()}) cannot be trained by the tfjs engine: ${reason}. ${remedy}.`,
  );
}
