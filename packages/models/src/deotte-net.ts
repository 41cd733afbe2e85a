import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { batchNorm, buildNet, type ConvOptions, conv, dense, dropout, flatten } from './_net-builder.js';
import { completeNetOptions, type NetOptions, netDefaults } from './net-options.js';

/** Keras's own defaults, which this net was published with. */
const likeKeras = { epsilon: 1e-3, momentum: 0.99 };

/**
 * The net of '25 Million Images! [0.99757] MNIST' (C. Deotte, Kaggle 2018), of which 15 vote there: 326,410 trainable
 * parameters (327,242 with the running means and variances). Strided 5x5 convolutions take the place of pooling.
 *
 * Batch normalisation has Keras's defaults (epsilon 1e-3, momentum 0.99), as published; weights start as PyTorch's do.
 * The three dropout layers drop 40 % each. `seed` names the initial weights only; an engine's own seed draws the masks.
 *
 * @returns float32 NHWC [batch, height, width, channels] -> logits [batch, classes], without the published softmax
 * @throws ModelError INVALID_OPTION, INVALID_INPUT_SHAPE (less than 25x25), NO_BACKEND
 */
export function deotteNet(options?: NetOptions): LayersModel {
  const where = 'deotteNet';
  const complete = completeNetOptions<Required<NetOptions>>(where, options, netDefaults, () => 25);
  const { classes } = complete;
  return buildNet(where, 'deotte_net', complete, (images) => {
    let x = images;
    for (const [stage, filters] of [32, 64].entries()) {
      const name = `stage${stage + 1}`;
      x = convAndNorm(`${name}_conv1`, x, filters, { kernel: 3 });
      x = convAndNorm(`${name}_conv2`, x, filters, { kernel: 3 });
      x = convAndNorm(`${name}_conv3`, x, filters, { kernel: 5, strides: 2, padding: 'same' });
      x = dropout(`${name}_dropout`, x, 0.4);
    }
    x = convAndNorm('stage3_conv', x, 128, { kernel: 4 });
    x = flatten('flatten', x);
    x = dropout('stage3_dropout', x, 0.4);
    return dense('logits', x, classes);
  });
}

function convAndNorm(name: string, x: SymbolicTensor, filters: number, options: ConvOptions): SymbolicTensor {
  return batchNorm(`${name}_bn`, conv(name, x, filters, { ...options, activation: 'relu' }), likeKeras);
}
