import { readNetwork } from '@mnist/engine';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { fuseRelu } from './fuse-relu.js';
import { maskAfterPooling } from './mask-after-pooling.js';
import type { Network } from './network.js';

/** The model as plain data, each ReLU joined to what it can be computed with. */
export function readFusedNetwork(model: LayersModel): Network {
  return maskAfterPooling(fuseRelu(readNetwork(model)));
}
