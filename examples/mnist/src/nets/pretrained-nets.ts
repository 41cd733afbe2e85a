import { committee, loadNet } from '@mnist/pretrained';
import type { TrainedNets } from './find-nets.js';

/** The committee that is shipped, with what was recorded of it. */
export function pretrainedNets(): TrainedNets & Required<Pick<TrainedNets, 'recorded'>> {
  const recorded = committee();
  return {
    members: recorded.nets.map(({ name }) => ({
      place: `net ${name} of @mnist/pretrained`,
      load: () => loadNet(name),
    })),
    from: '@mnist/pretrained',
    config: { dataset: recorded.dataset, augmentation: recorded.recipe.augmentation },
    recorded,
  };
}
