import type { NetworkWeight } from '@mnist/engine';
import type { Lowering } from '../lowering/lowering.js';
import type { Tensor } from '../lowering/tensor.js';
import type { NetworkNode } from '../network/network.js';

/** What a layer may use while it writes its part of the graph. */
export interface LayerContext {
  readonly lowering: Lowering;
  /** Training: batch statistics and dropout. Inference: running statistics. */
  readonly training: boolean;
  /** The graph's value of a weight. */
  weight(weight: NetworkWeight): string;
  /** Announces the new value of a running statistic (training only). */
  updateStatistic(weight: NetworkWeight, value: string): void;
  /** A graph input with 0 or 1 / (1 - rate), drawn anew at each step, shaped like `shape` in tfjs order. */
  dropoutMask(layer: string, rate: number, shape: readonly number[]): Tensor;
}

/** Where a layer's backward pass delivers gradients. */
export interface GradientSink {
  /** False where nothing upstream can be trained: the gradient of this input would be thrown away. */
  wantsInput(index: number): boolean;
  /**
   * Delivers the gradient of an input.
   * @param gradient receives what other readers of the same value have delivered already, and may add to it in passing
   */
  input(index: number, gradient: (partial: Tensor | undefined) => Tensor, addsPartial?: boolean): void;
  wantsWeight(weight: NetworkWeight): boolean;
  /** Delivers the gradient of a weight. */
  weight(weight: NetworkWeight, gradient: string): void;
}

export interface CompiledLayer {
  readonly output: Tensor;
  /** Writes the backward pass, given the gradient of the output. */
  backward(gradient: Tensor, sink: GradientSink): void;
}

/** Writes a layer's forward pass and returns what is needed for the backward pass. */
export type LayerCompiler = (
  node: NetworkNode,
  inputs: readonly Tensor[],
  context: LayerContext,
) => CompiledLayer;
