import { type LayersModel, layers, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { averagePool, buildNet, conv, dense, flatten } from './_net-builder.js';
import { completeNetOptions, type NetOptions, netDefaults } from './net-options.js';

/**
 * LeNet-5 (LeCun, Bottou, Bengio and Haffner 1998, 'Gradient-based learning applied to document recognition') in the
 * form in which it is taught today: tanh, plain average pooling, a fully connected second convolution and a dense
 * output layer; 61,706 trainable parameters. (The paper's own, with trainable subsampling, a connection table and RBF
 * outputs, has 60,000.) Images are padded by two pixels, as the paper's 32x32 field does.
 *
 * @returns float32 NHWC [batch, height, width, channels] -> logits [batch, classes], without a softmax
 * @throws ModelError INVALID_OPTION, INVALID_INPUT_SHAPE (less than 12x12), NO_BACKEND
 */
export function lenet5(options?: NetOptions): LayersModel {
  const where = 'lenet5';
  const complete = completeNetOptions<Required<NetOptions>>(where, options, netDefaults, () => 12);
  return buildNet(where, 'lenet5', complete, (images) => {
    let x = layers.zeroPadding2d({ name: 'padding', padding: 2 }).apply(images) as SymbolicTensor;
    x = conv('c1_conv', x, 6, { kernel: 5, activation: 'tanh' });
    x = averagePool('s2_pool', x);
    x = conv('c3_conv', x, 16, { kernel: 5, activation: 'tanh' });
    x = averagePool('s4_pool', x);
    x = flatten('flatten', x);
    x = dense('c5_dense', x, 120, { activation: 'tanh' });
    x = dense('f6_dense', x, 84, { activation: 'tanh' });
    return dense('logits', x, complete.classes);
  });
}
