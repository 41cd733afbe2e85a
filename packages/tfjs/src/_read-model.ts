import { EngineError } from '@mnist/engine';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';

type Layer = LayersModel['layers'][number];

/** The layers of a model that behave otherwise in training. */
export interface TrainableParts {
  readonly dropouts: readonly SeededLayer[];
  readonly normalizations: readonly NormalizationPlan[];
}

/** The part of tfjs-layers' Dropout that seeds its masks. */
interface SeededLayer {
  seed: number;
}

interface NormalizationPlan {
  readonly layer: BatchNormalizationLayer;
  /** Values of one channel in one image. */
  readonly valuesPerImage: number;
}

/** The part of tfjs-layers' ReLU that computes. */
interface ReluLayer {
  readonly maxValue?: number | null;
  call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor;
}

/** The part of tfjs-layers' BatchNormalization that moves its statistics. */
interface BatchNormalizationLayer {
  readonly momentum: number;
  readonly movingVariance: { read(): tf.Tensor };
}

const gradientKernels: Readonly<Record<string, readonly string[]>> = {
  Conv2D: ['Conv2DBackpropInput', 'Conv2DBackpropFilter'],
  DepthwiseConv2D: ['DepthwiseConv2dNativeBackpropInput', 'DepthwiseConv2dNativeBackpropFilter'],
  MaxPooling2D: ['MaxPoolGrad'],
  AveragePooling2D: ['AvgPoolGrad'],
};

/** @throws EngineError `UNSUPPORTED_LAYER`, `ENGINE_UNAVAILABLE` when the backend lacks a kernel */
export function readModel(model: LayersModel): TrainableParts {
  const dropouts: SeededLayer[] = [];
  const normalizations: NormalizationPlan[] = [];
  for (const layer of leafLayers(model.layers)) {
    const kind = layer.getClassName();
    for (const kernel of gradientKernels[kind] ?? []) {
      if (!tf.getKernel(kernel, tf.getBackend())) {
        throw new EngineError(
          'ENGINE_UNAVAILABLE',
          `the TensorFlow.js backend '${tf.getBackend()}' cannot train: it has no kernel '${kernel}', which layer ` +
            `'${layer.name}' (${kind}) needs. Use the backend 'cpu', 'tensorflow', 'webgl' or 'webgpu', or another engine.`,
        );
      }
    }
    if (kind === 'ReLU') clipAsPyTorch(layer as unknown as ReluLayer);
    if (/Dropout/.test(kind)) dropouts.push(layer as unknown as SeededLayer);
    if (kind === 'BatchNormalization') normalizations.push(planNormalization(layer));
  }
  return { dropouts, normalizations };
}

/**
 * tfjs's `clipByValue`, which the layer uses, passes the gradient at the upper bound; PyTorch's relu6 and hardtanh do not, nor
 * does `minimum` here, whose gradient goes to its first argument where both are equal.
 */
function clipAsPyTorch(layer: ReluLayer): void {
  const { maxValue } = layer;
  if (maxValue === undefined || maxValue === null) return;
  layer.call = (inputs) =>
    tf.tidy(() => tf.minimum(maxValue, tf.relu(Array.isArray(inputs) ? inputs[0]! : inputs)));
}

function leafLayers(all: readonly Layer[]): Layer[] {
  return all.flatMap((layer) => {
    const nested = (layer as unknown as { layers?: Layer[] }).layers;
    return nested ? leafLayers(nested) : [layer];
  });
}

function planNormalization(layer: Layer): NormalizationPlan {
  const { axis, center, scale } = layer.getConfig() as { axis: number; center: boolean; scale: boolean };
  if (!center || !scale) {
    throw new EngineError(
      'UNSUPPORTED_LAYER',
      `layer '${layer.name}' (BatchNormalization): tfjs-layers cannot train it without center and scale. Leave both at true, or use another engine.`,
    );
  }
  const { shape } = layer.input as { shape: number[] };
  const at = axis < 0 ? axis + shape.length : axis;
  const valuesPerImage = shape.reduce(
    (product, length, i) => (i === 0 || i === at ? product : product * length),
    1,
  );
  return { layer: layer as unknown as BatchNormalizationLayer, valuesPerImage };
}
