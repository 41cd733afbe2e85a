import type { LayersModel } from '@tensorflow/tfjs-layers';
import { ModelError } from './model-error.js';
import { type ModelName, modelZoo } from './model-zoo.js';

/** The options that the net of that name takes. */
export type ModelOptions<Name extends ModelName> = NonNullable<
  Parameters<(typeof modelZoo)[Name]['build']>[0]
>;

/**
 * Builds a net of the zoo by its name.
 *
 * @throws ModelError UNKNOWN_MODEL (the text lists the known names), and what the net's own function throws
 */
export function buildModel<Name extends ModelName>(name: Name, options?: ModelOptions<Name>): LayersModel {
  if (!Object.hasOwn(modelZoo, name)) {
    throw new ModelError(
      'UNKNOWN_MODEL',
      `The zoo has no model '${String(name)}'. It has ${Object.keys(modelZoo).join(', ')}.`,
    );
  }
  const build = modelZoo[name].build as (options?: ModelOptions<Name>) => LayersModel;
  return build(options);
}
