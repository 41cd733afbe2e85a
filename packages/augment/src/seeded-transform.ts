import type { DrawKey, ImageTransform } from '@mnist/dataset';

/** A transform of this package by name, with its options. */
export interface NamedTransformSpec {
  readonly transform: string;
  readonly options?: Readonly<Record<string, unknown>>;
}

/** Transforms one after the other. */
export interface ComposedTransformSpec {
  readonly steps: readonly TransformSpec[];
}

/** A transform from a module of your own: what a worker needs to make it anew. */
export interface ModuleTransformSpec {
  /** URL of the module, such as `new URL('./my-transform.js', import.meta.url).href`. */
  readonly module: string;
  /** Name of the export: a function of the options that returns a transform. Default 'default'. */
  readonly export?: string;
  /** Handed to that function; must survive `structuredClone`. */
  readonly options?: unknown;
}

/** Plain data (JSON) from which `transformFromSpec` makes the transform again, in this or another process. */
export type TransformSpec = NamedTransformSpec | ComposedTransformSpec | ModuleTransformSpec;

export type DrawnParameters = Readonly<Record<string, number | boolean | readonly number[]>>;

/** An image transform that says what it is and what it would draw. */
export interface SeededTransform extends ImageTransform {
  /** Recipe of this transform; undefined when a step of a composition has none. */
  readonly spec: TransformSpec | undefined;
  /** What this transform draws for `key`. The same numbers that a call with this key uses; for looking, not for speed. */
  parameters(key: DrawKey): DrawnParameters;
}
