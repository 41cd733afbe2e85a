import type { LayersModel } from '@tensorflow/tfjs-layers';
import { EngineError } from './engine-error.js';
import type { FullLoss } from './step-defaults.js';

type Layer = LayersModel['layers'][number];

export interface ModelShape {
  /** [height, width, channels] */
  readonly imageShape: readonly [number, number, number];
  readonly classes: number;
  /** The batch normalisation that sees the fewest values a channel and image, where there is one. */
  readonly scarcest: { readonly layer: string; readonly valuesPerImage: number } | undefined;
}

/** Layers whose randomness tfjs-layers cannot seed: a resumed training would differ from an uninterrupted one. */
const unseeded = ['GaussianNoise', 'GaussianDropout', 'AlphaDropout', 'RandomWidth'];

/**
 * What every engine refuses: several inputs or outputs, unknown sizes, randomness without a seed, penalties that are hidden
 * in layers, a softmax under a loss that takes logits.
 *
 * @throws EngineError `UNSUPPORTED_MODEL`, `UNSUPPORTED_LAYER`
 */
export function checkModel(model: LayersModel, loss: FullLoss): ModelShape {
  const imageShape = onlyShape('input', model.inputs, 4);
  const [classes] = onlyShape('output', model.outputs, 2);
  let scarcest: ModelShape['scarcest'];
  for (const layer of allLayers(model)) {
    const kind = layer.getClassName();
    if (unseeded.includes(kind)) {
      throw unsupported(layer, 'it draws random numbers that cannot be seeded', 'Use dropout instead');
    }
    const config = layer.getConfig();
    const penalty = Object.keys(config).find(
      (key) => /(Regularizer|Constraint)$/.test(key) && config[key] != null,
    );
    if (penalty) {
      throw unsupported(layer, `it has a '${penalty}'`, 'Use the weightDecay hyperparameter instead');
    }
    if (kind === 'BatchNormalization') {
      const valuesPerImage = valuesPerChannel(layer);
      if (scarcest === undefined || valuesPerImage < scarcest.valuesPerImage) {
        scarcest = { layer: layer.name, valuesPerImage };
      }
    }
  }
  if (loss.kind === 'softmaxCrossEntropy') refuseSoftmax(model.outputs[0]!.sourceLayer as Layer);
  return { imageShape: imageShape as [number, number, number], classes: classes!, scarcest };
}

/** The layers of a model, those of nested models in their place. */
function allLayers(model: { readonly layers: readonly Layer[] }): Layer[] {
  return model.layers.flatMap((layer) => {
    const nested = layer as unknown as { layers?: Layer[] };
    return nested.layers ? allLayers({ layers: nested.layers }) : [layer];
  });
}

function onlyShape(what: string, tensors: LayersModel['inputs'], rank: number): number[] {
  const shape = tensors[0]!.shape;
  const [, ...rest] = shape;
  if (tensors.length !== 1 || shape.length !== rank || rest.some((length) => length === null)) {
    const expected = rank === 4 ? 'images [null, height, width, channels]' : 'outputs [null, classes]';
    throw new EngineError(
      'UNSUPPORTED_MODEL',
      `the model has ${tensors.length} ${what}(s), the first of shape [${shape.map(String).join(', ')}]; a training needs ` +
        `exactly one, ${expected}, with known sizes.`,
    );
  }
  return rest as number[];
}

function valuesPerChannel(layer: Layer): number {
  if (layer.inboundNodes.length !== 1) {
    const times = layer.inboundNodes.length;
    throw unsupported(layer, `it is applied ${times} times`, 'Give each use a layer of its own');
  }
  const { axis } = layer.getConfig() as { axis: number };
  const { shape } = layer.input as { shape: (number | null)[] };
  const at = axis < 0 ? axis + shape.length : axis;
  return shape.reduce<number>((product, length, i) => (i === 0 || i === at ? product : product * length!), 1);
}

function refuseSoftmax(last: Layer): void {
  if (last.getConfig().activation !== 'softmax' && last.getClassName() !== 'Softmax') return;
  throw unsupported(
    last,
    'it ends the net with a softmax, but the cross-entropy loss takes logits',
    'Leave the last activation out (linear)',
  );
}

function unsupported(layer: Layer, reason: string, remedy: string): EngineError {
  return new EngineError(
    'UNSUPPORTED_LAYER',
    `layer '${layer.name}' (${layer.getClassName()}) cannot be trained: ${reason}. ${remedy}.`,
  );
}
