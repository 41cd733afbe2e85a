/** One weight of a model. */
export interface Weight {
  /** The name of the model's variable. */
  readonly name: string;
  /** HWIO kernels, [in, out] dense. */
  readonly shape: readonly number[];
}

/** A call of a layer, as plain data. Values are numbered in the order of computation; value 0 is the network's input. */
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
}

export interface Network {
  /** [height, width, channels] */
  readonly inputShape: readonly number[];
  readonly nodes: readonly NetworkNode[];
  /** The value that holds the network's result. */
  readonly output: number;
}
