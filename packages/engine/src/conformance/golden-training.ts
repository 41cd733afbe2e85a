/** A tensor as PyTorch lays it out (OIHW kernels, [out, in] dense), float32 little-endian in base64. */
export interface GoldenTensor {
  readonly shape: readonly number[];
  readonly f32: string;
}

/**
 * Three training steps recorded from PyTorch: the layout of `golden/*.json` in the repository of `@mnist/train`.
 * Names are those of the PyTorch module, in its order; `initial` and `afterSteps` also hold the running statistics.
 */
export interface GoldenTraining {
  /** Version of PyTorch that computed the file. */
  readonly torch: string;
  readonly batchSize: number;
  /** Adam's learning rate, betas and epsilon. */
  readonly lr: number;
  readonly betas: readonly [number, number];
  readonly eps: number;
  /** Names of the trainable parameters. */
  readonly names: readonly string[];
  readonly initial: Readonly<Record<string, GoldenTensor>>;
  /** Evaluation mode, first batch, before any step. */
  readonly evalLogitsBefore: GoldenTensor;
  /** Of the first batch, training mode. */
  readonly gradients: Readonly<Record<string, GoldenTensor>>;
  readonly losses: readonly number[];
  readonly afterSteps: Readonly<Record<string, GoldenTensor>>;
  /** Evaluation mode, first batch, after three steps. */
  readonly evalLogitsAfter: GoldenTensor;
  /** NHWC float32 pixels of the three batches, where the file carries them. */
  readonly images?: GoldenTensor;
  readonly labels?: readonly number[];
}

/** The numbers of a golden tensor, in PyTorch's layout. */
export function decodeGoldenTensor(tensor: GoldenTensor): Float32Array {
  const bytes = Uint8Array.from(atob(tensor.f32), (character) => character.charCodeAt(0));
  return new Float32Array(bytes.buffer);
}
