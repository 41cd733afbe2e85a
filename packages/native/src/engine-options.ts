import { engineOptions } from '@mnist/engine';
import { integer, oneOf, text } from '@mnist/kit';

export interface NativeEngineOptions {
  /**
   * 'f32': float32 throughout. 'bf16': activations and gradients in bfloat16, parameters and sums in float32; needs a net
   * of the fast path's family; much faster on AMX alone. 'auto' (default): 'f32', whose bits AVX2 and AVX-512 share.
   */
  readonly precision?: 'auto' | 'f32' | 'bf16';
  /**
   * Threads of one training session. Default 1, the fastest for several nets side by side. Results do not depend on it.
   */
  readonly threads?: number;
  /** Name of one of `nativeSupport().paths`, to take another than the best: 'avx2', 'plain', ... */
  readonly path?: string;
}

export const nativeEngineDefaults = { precision: 'auto', threads: 1 } as const satisfies NativeEngineOptions;

export type NativeEngineSettings = Required<Omit<NativeEngineOptions, 'path'>> &
  Pick<NativeEngineOptions, 'path'>;

/** @throws EngineError INVALID_OPTION */
export function checkEngineOptions(options: NativeEngineOptions | undefined): NativeEngineSettings {
  return engineOptions.complete<NativeEngineSettings>('nativeEngine', options, nativeEngineDefaults, {
    precision: oneOf('auto', 'f32', 'bf16'),
    threads: integer({ min: 1, max: 256 }),
    path: text,
  });
}
