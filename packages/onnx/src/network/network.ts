import type * as engine from '@mnist/engine';

/** A layer with what the passes over the network found out about it. */
export interface NetworkNode extends engine.NetworkNode {
  /** A ReLU computed together with this layer (see fuse-relu.ts). */
  readonly fusedRelu?: boolean;
  /** For a pooling: masks the gradient of the ReLU before it. For that ReLU's layer: the mask is applied already. */
  readonly reluMaskedByPooling?: boolean;
  /** A batch normalisation that evaluation computes together with this convolution (see fold-normalization.ts). */
  readonly foldedNormalization?: NetworkNode;
}

/** What the compilers work on. */
export interface Network extends engine.Network {
  readonly nodes: readonly NetworkNode[];
}
