import type { Lowering } from '../lowering/lowering.js';
import { type Tensor, valuesPerChannel } from '../lowering/tensor.js';

/** Sum of each channel over the batch and the image: the gradient of a bias. */
export function channelSum(lowering: Lowering, x: Tensor): string {
  const { graph } = lowering;
  return graph.multiply(lowering.channelMean(x), graph.scalar(valuesPerChannel(x)));
}
