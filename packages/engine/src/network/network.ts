/** One weight of a model, in the LayersModel's own axis order. */
export interface NetworkWeight {
  /** The name of the model's variable: unique in the process. */
  readonly name: string;
  /** HWIO kernels, [in, out] dense. */
  readonly shape: readonly number[];
  /** Number of elements. */
  readonly size: number;
  readonly trainable: boolean;
}

/** One call of a layer, as plain data. Values are numbered in the order of computation; value 0 is the network's input. */
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
  readonly weights: readonly NetworkWeight[];
}

/** A LayersModel as plain data: what engines that do not compute with TensorFlow.js compile. */
export interface Network {
  /** [height, width, channels], or any shape without the batch axis. */
  readonly inputShape: readonly number[];
  /** In the order of computation. */
  readonly nodes: readonly NetworkNode[];
  /** The value that holds the network's result. */
  readonly output: number;
  readonly outputShape: readonly number[];
  /** In the order of `model.trainableWeights`. */
  readonly parameters: readonly NetworkWeight[];
  /** In the order of `model.nonTrainableWeights`. */
  readonly statistics: readonly NetworkWeight[];
}
