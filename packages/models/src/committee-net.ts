import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { add, batchNorm, buildNet, conv, dense, globalAveragePool, maxPool } from './_net-builder.js';
import { completeNetOptions, integers, type NetOptions, netDefaults } from './net-options.js';

export interface CommitteeNetOptions extends NetOptions {
  /** Channels of the three stages, 1 to 4096 each. Default [128, 256, 512]. */
  widths?: readonly [number, number, number];
}

export const committeeNetDefaults = {
  ...netDefaults,
  widths: [128, 256, 512],
} as const satisfies Required<CommitteeNetOptions>;

/**
 * The net of the 99.82 % committee (T. Doucet 2019): three stages of residual blocks, 4,732,682 trainable parameters
 * and about 329 million multiply-adds an image at the default widths.
 *
 *     conv 5x5, ReLU; block; max pool; block; BN
 *     conv 3x3, ReLU; max pool; block; BN
 *     conv 3x3, ReLU; max pool; block; BN; global average pool; dense
 *     block: h = BN(x); h + ReLU(conv3x3(h))
 *
 * The shortcut of a block carries the normalised h, not x. Pooling is 2x2 and keeps an odd last row (7 -> 4).
 * Batch normalisation has epsilon 1e-5 and Keras momentum 0.9, which is PyTorch's 0.1.
 *
 * @returns float32 NHWC [batch, height, width, channels] -> logits [batch, classes], without a softmax
 * @throws ModelError INVALID_OPTION, NO_BACKEND
 */
export function committeeNet(options?: CommitteeNetOptions): LayersModel {
  return buildCommitteeNet('committeeNet', 'committee_net', options, committeeNetDefaults);
}

export const compactNetDefaults = {
  ...committeeNetDefaults,
  widths: [32, 64, 128],
} as const satisfies Required<CommitteeNetOptions>;

/**
 * `committeeNet` with a quarter of the channels, and so about a sixteenth of the arithmetic: 298,442 trainable
 * parameters. The one to train where there is only a CPU.
 *
 * @returns float32 NHWC [batch, height, width, channels] -> logits [batch, classes], without a softmax
 * @throws ModelError INVALID_OPTION, NO_BACKEND
 */
export function compactNet(options?: CommitteeNetOptions): LayersModel {
  return buildCommitteeNet('compactNet', 'compact_net', options, compactNetDefaults);
}

const widthsCheck = integers(3, 4096, 'three channel counts such as [128, 256, 512]');

function buildCommitteeNet(
  where: string,
  name: string,
  given: CommitteeNetOptions | undefined,
  defaults: Required<CommitteeNetOptions>,
): LayersModel {
  const options = completeNetOptions(where, given, defaults, () => 1, { widths: widthsCheck });
  const { widths, classes } = options;
  const [first, second, third] = widths;

  return buildNet(where, name, options, (images) => {
    let x = conv('stage1_conv', images, first, { kernel: 5, padding: 'same', activation: 'relu' });
    x = residualBlock('block1', x, first);
    x = maxPool('stage1_pool', x);
    x = residualBlock('block2', x, first);
    x = batchNorm('stage1_bn', x);
    x = conv('stage2_conv', x, second, { kernel: 3, padding: 'same', activation: 'relu' });
    x = maxPool('stage2_pool', x);
    x = residualBlock('block3', x, second);
    x = batchNorm('stage2_bn', x);
    x = conv('stage3_conv', x, third, { kernel: 3, padding: 'same', activation: 'relu' });
    x = maxPool('stage3_pool', x);
    x = residualBlock('block4', x, third);
    x = batchNorm('stage3_bn', x);
    x = globalAveragePool('average_pool', x);
    return dense('logits', x, classes);
  });
}

function residualBlock(name: string, x: SymbolicTensor, width: number): SymbolicTensor {
  const normalised = batchNorm(`${name}_bn`, x);
  const residual = conv(`${name}_conv`, normalised, width, {
    kernel: 3,
    padding: 'same',
    activation: 'relu',
  });
  return add(`${name}_add`, normalised, residual);
}
