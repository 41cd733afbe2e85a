import { oneOf } from '@mnist/kit';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { batchNorm, buildNet, conv, dense, flatten, relu } from './_net-builder.js';
import { completeNetOptions, type NetOptions, netDefaults } from './net-options.js';

export interface SimpleCnnOptions extends NetOptions {
  /** Side of every kernel in pixels: 3, 5 or 7, the paper's M3, M5 and M7. Default 3. */
  kernel?: 3 | 5 | 7;
}

export const simpleCnnDefaults = { ...netDefaults, kernel: 3 } as const satisfies Required<SimpleCnnOptions>;

/** By kernel. */
const widths: Readonly<Record<3 | 5 | 7, readonly number[]>> = {
  3: [32, 48, 64, 80, 96, 112, 128, 144, 160, 176],
  5: [32, 64, 96, 128, 160],
  7: [48, 96, 144, 192],
};

/**
 * The nets M3, M5 and M7 of 'An Ensemble of Simple Convolutional Neural Network Models for MNIST Digit Recognition'
 * (An, Lee, Park, Yang and So 2020, arXiv:2008.10400): 10, 5 or 4 unpadded convolutions of one kernel size, each with
 * batch normalisation and ReLU, no pooling, and one dense layer with batch normalisation on its logits.
 * 1,124,180, 1,128,180 and 2,291,972 trainable parameters. The paper feeds pixels scaled to -1..1.
 *
 * @returns float32 NHWC [batch, height, width, channels] -> logits [batch, classes], without a softmax
 * @throws ModelError INVALID_OPTION, INVALID_INPUT_SHAPE (less than 21x21 for kernels 3 and 5, 25x25 for 7), NO_BACKEND
 */
export function simpleCnn(options?: SimpleCnnOptions): LayersModel {
  const where = 'simpleCnn';
  const complete = completeNetOptions<Required<SimpleCnnOptions>>(
    where,
    options,
    simpleCnnDefaults,
    ({ kernel }) => widths[kernel].length * (kernel - 1) + 1,
    { kernel: oneOf(3, 5, 7) },
  );
  const { kernel, classes } = complete;
  const channels = widths[kernel];
  return buildNet(where, `simple_cnn_${kernel}`, complete, (images) => {
    let x = images;
    for (const [i, filters] of channels.entries()) {
      const name = `conv${i + 1}`;
      x = conv(name, x, filters, { kernel, useBias: false });
      x = relu(`${name}_relu`, batchNorm(`${name}_bn`, x));
    }
    x = dense('dense', flatten('flatten', x), classes, { useBias: false });
    return batchNorm('logits', x);
  });
}
