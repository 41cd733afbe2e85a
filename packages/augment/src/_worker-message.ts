import type { RingMemory } from './_ring.js';
import { AugmentError, type AugmentErrorCode } from './augment-error.js';
import type { TransformSpec } from './seeded-transform.js';

/** What a worker of the loader is started with. */
export interface WorkerTask {
  readonly ring: RingMemory;
  readonly pixels: Uint8Array | Float32Array;
  readonly height: number;
  readonly width: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly seed: number;
  readonly spec: TransformSpec;
}

/** What it tells: a batch is ready, a batch failed, or (ticket -1) it could not start. */
export type WorkerMessage = 'ready' | { readonly ticket: number; readonly error: PlainError };

/** An error that survives the way between threads: structured clone keeps neither `code` nor the class. */
export interface PlainError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly code: string | undefined;
  readonly imageIndex: number | undefined;
  readonly cause: PlainError | undefined;
}

export function toPlainError(error: unknown): PlainError {
  if (!(error instanceof Error)) {
    return {
      name: 'Error',
      message: String(error),
      stack: undefined,
      code: undefined,
      imageIndex: undefined,
      cause: undefined,
    };
  }
  const { name, message, stack, cause } = error;
  const { code, imageIndex } = error as Partial<AugmentError>;
  return {
    name,
    message,
    stack,
    code: typeof code === 'string' ? code : undefined,
    imageIndex,
    cause: cause === undefined ? undefined : toPlainError(cause),
  };
}

export function fromPlainError({ name, message, stack, code, imageIndex, cause }: PlainError): Error {
  const inner = cause === undefined ? undefined : fromPlainError(cause);
  const error =
    name === 'AugmentError'
      ? new AugmentError(code as AugmentErrorCode, message, { imageIndex, cause: inner })
      : Object.assign(
          new Error(message, inner && { cause: inner }),
          { name },
          code === undefined ? {} : { code },
        );
  if (stack !== undefined) error.stack = stack;
  return error;
}
