/** One weight of the model; the graph keeps it in the LayersModel's own axis order. */
export interface Weight {
  /** The name that the LayersModel gives it. */
  readonly name: string;
  /** Shape in the LayersModel: HWIO kernels, [in, out] dense. */
  readonly shape: readonly number[];
  readonly size: number;
  readonly trainable: boolean;
}

/** A layer as plain data. Values are numbered; value 0 is the network's input. */
export interface NetworkNode {
  /** Name of the tfjs layer that it came from. */
  readonly layer: string;
  /** Class name of the tfjs layer ('Conv2D'), or 'Activation' for an activation split off another layer. */
  readonly kind: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly inputs: readonly number[];
  readonly output: number;
  /** Without the batch axis. */
  readonly inputShapes: readonly (readonly number[])[];
  /** Without the batch axis. */
  readonly outputShape: readonly number[];
  /** In the layer's own order: kernel, bias; gamma, beta, moving mean, moving variance. */
  readonly weights: readonly Weight[];
  /** A ReLU computed together with this layer (see fuse-relu.ts). */
  readonly fusedRelu?: boolean;
  /** For a pooling: masks the gradient of the ReLU before it. For that ReLU's layer: the mask is applied already. */
  readonly reluMaskedByPooling?: boolean;
  /** A batch normalisation that evaluation computes together with this convolution (see fold-normalization.ts). */
  readonly foldedNormalization?: NetworkNode;
}

/** What the compilers work on. */
export interface Network {
  /** [height, width, channels], or any shape without the batch axis. */
  readonly inputShape: readonly number[];
  /** In the order of computation. */
  readonly nodes: readonly NetworkNode[];
  /** The value that holds the network's result. */
  readonly output: number;
  readonly outputShape: readonly number[];
  /** In the order of `model.trainableWeights`. */
  readonly parameters: readonly Weight[];
  /** In the order of `model.nonTrainableWeights`. */
  readonly statistics: readonly Weight[];
}

/** Names a layer in an error message. */
export function describeNode(node: Pick<NetworkNode, 'layer' | 'kind'>): string {
  return `layer "${node.layer}" (${node.kind})`;
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
