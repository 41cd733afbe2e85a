import type { ImageTransform } from '@mnist/dataset';
import { attach } from './_define-transform.js';
import { AugmentError } from './augment-error.js';
import { centreCrop } from './centre-crop.js';
import { compose } from './compose.js';
import { elastic } from './elastic.js';
import { erase } from './erase.js';
import { evaluationPipeline } from './evaluation-pipeline.js';
import { fusedEvaluationPipeline } from './fused-evaluation-pipeline.js';
import { fusedPipeline } from './fused-pipeline.js';
import { normalize } from './normalize.js';
import { randomCrop } from './random-crop.js';
import { rotate } from './rotate.js';
import type { SeededTransform, TransformSpec } from './seeded-transform.js';
import { shear } from './shear.js';
import { shift } from './shift.js';
import { thickness } from './thickness.js';
import { trainingPipeline } from './training-pipeline.js';
import { zoom } from './zoom.js';

const factories: Readonly<Record<string, (options?: never) => SeededTransform>> = {
  centreCrop,
  elastic,
  erase,
  evaluationPipeline,
  fusedEvaluationPipeline,
  fusedPipeline,
  normalize: () => normalize,
  randomCrop,
  rotate,
  shear,
  shift,
  thickness,
  trainingPipeline,
  zoom,
};

/**
 * Makes a transform from its recipe: the `spec` of a transform of this package, of a composition, or
 * `{ module, export, options }` for one of your own, whose export is a function of the options that returns an
 * `ImageTransform`. The loader's workers call this; call it yourself to use a transform of your own in workers:
 * `await transformFromSpec({ module: new URL('./my-transform.js', import.meta.url).href })`.
 *
 * @throws AugmentError INVALID_SPEC, or what the factory throws
 */
export async function transformFromSpec(spec: TransformSpec): Promise<SeededTransform> {
  if (typeof spec !== 'object' || spec === null) {
    throw new AugmentError(
      'INVALID_SPEC',
      `The spec is ${String(spec)}, expected an object such as { transform: 'fusedPipeline' }.`,
    );
  }
  if ('steps' in spec) return compose(...(await Promise.all(spec.steps.map(transformFromSpec))));
  if ('module' in spec) return importTransform(spec.module, spec.export ?? 'default', spec.options);
  const factory = Object.hasOwn(factories, spec.transform) ? factories[spec.transform] : undefined;
  if (factory === undefined) {
    throw new AugmentError(
      'INVALID_SPEC',
      `There is no transform '${spec.transform}'. Known: ${Object.keys(factories).join(', ')}; or give { module, export, options }.`,
    );
  }
  return factory(spec.options as never);
}

async function importTransform(module: string, name: string, options: unknown): Promise<SeededTransform> {
  let exports: Record<string, unknown>;
  try {
    exports = (await import(module)) as Record<string, unknown>;
  } catch (cause) {
    throw new AugmentError(
      'INVALID_SPEC',
      `The module '${module}' cannot be imported: ${cause instanceof Error ? cause.message : String(cause)}. Give an absolute URL: new URL('./my-transform.js', import.meta.url).href.`,
      { cause },
    );
  }
  const factory = exports[name];
  if (typeof factory !== 'function') {
    throw new AugmentError(
      'INVALID_SPEC',
      `The export '${name}' of ${module} is ${typeof factory}, expected a function of the options that returns an image transform. It exports: ${Object.keys(exports).join(', ') || 'nothing'}.`,
    );
  }
  const made: unknown = factory(options);
  if (typeof made !== 'function') {
    throw new AugmentError(
      'INVALID_SPEC',
      `'${name}' of ${module} returned ${typeof made}, expected an image transform: (image, out, key) => void.`,
    );
  }
  const apply = made as ImageTransform & Partial<SeededTransform>;
  // A wrapper, because the function may be shared and carry a spec of its own.
  return attach(
    (image, out, key) => apply(image, out, key),
    { module, export: name, ...(options === undefined ? {} : { options }) },
    (key) => apply.parameters?.(key) ?? {},
  );
}
