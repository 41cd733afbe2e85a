import { committeeNet, compactNet, type ModelName, modelZoo } from '@mnist/models';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { NetChoice } from '../experiment/config.js';
import { useModelBackend } from '../machine/engines.js';
import { UsageError } from '../ui/errors.js';

/** Builds the net of a config for so many classes, with its seeded initial weights. */
export async function buildNet(choice: NetChoice, seed: number, classes: number): Promise<LayersModel> {
  await useModelBackend();
  const { name, widths } = choice;
  if (!(name in modelZoo))
    throw new UsageError(`unknown net '${name}'. Known: ${Object.keys(modelZoo).join(', ')}.`);
  if (widths !== undefined) {
    if (name !== 'committee' && name !== 'compact')
      throw new UsageError(`--widths goes with --net committee or compact, not with '${name}'.`);
    return (name === 'committee' ? committeeNet : compactNet)({ widths, seed, classes });
  }
  return modelZoo[name as ModelName].build({ seed, classes });
}

/** 'committee 16/32/64', for people. */
export function netTitle({ name, widths }: NetChoice): string {
  return widths ? `${name} ${widths.join('/')}` : name;
}
