import { sizeOf } from '@mnist/kit';
/**
 * How a value lies in memory.
 * - `plain`: as tfjs has it (NHWC for images)
 * - `nchw`: [batch, channels, height, width]
 * - `blocked`: ONNX Runtime's internal NCHWc, [batch, channels / block, height, width, block], which ONNX Runtime
 *   declares as [batch, channels, height, width]
 */
export type Layout = 'plain' | 'nchw' | 'blocked';

/** A value of the graph under construction. */
export interface Tensor {
  readonly name: string;
  /** As tfjs has it: [batch, height, width, channels] for images, whatever the layout. -1: any batch size. */
  readonly shape: readonly number[];
  readonly layout: Layout;
}

/** Channels are the last axis in tfjs. */
export function channelsOf(tensor: Pick<Tensor, 'shape'>): number {
  return tensor.shape.at(-1)!;
}

/** Values of one channel: batch x height x width for images, the batch for vectors. */
export function valuesPerChannel(tensor: Pick<Tensor, 'shape'>): number {
  return sizeOf(tensor.shape.slice(0, -1));
}
