import type { LayersModel } from '@tensorflow/tfjs-layers';

type Layer = LayersModel['layers'][number];

/** What tfjs-layers calls a layer that nobody named: 'conv2d_Conv2D7', numbered through the whole process. */
const automatic = /^(.*_[A-Z]\w*?)\d+$/;

/**
 * Names for the weights of a model that depend on the model alone: tfjs-layers numbers unnamed layers through the process,
 * and repeats of a name ('kernel_1') too, so that a state's names would depend on what was built before.
 *
 * @returns tfjs's own unique name of each variable -> 'layer/weight', distinct within the model
 */
export function weightNames(model: LayersModel): Map<string, string> {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  const numbers = new Map<string, number>();
  const visit = (layer: Layer, prefix: string): void => {
    const unnamed = automatic.exec(layer.name)?.[1];
    const number = unnamed === undefined ? 0 : (numbers.get(unnamed) ?? 0) + 1;
    if (unnamed !== undefined) numbers.set(unnamed, number);
    const name = `${prefix}${unnamed === undefined ? layer.name : `${unnamed}${number}`}`;
    const nested = (layer as unknown as { layers?: Layer[] }).layers;
    if (nested) {
      for (const inner of nested) visit(inner, `${name}/`);
      return;
    }
    for (const { name: unique, originalName } of layer.weights) {
      const short = originalName.slice(originalName.lastIndexOf('/') + 1);
      let candidate = `${name}/${short}`;
      for (let n = 2; taken.has(candidate); n++) candidate = `${name}/${short}-${n}`;
      taken.add(candidate);
      names.set(unique, candidate);
    }
  };
  for (const layer of model.layers) visit(layer, '');
  return names;
}
