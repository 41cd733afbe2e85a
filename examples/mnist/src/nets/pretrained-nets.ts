import { type CommitteeName, committee, loadNet } from '@mnist/pretrained';
import type { TrainedNets } from './find-nets.js';

/** A committee that is shipped, or one net that learned from it, with what was recorded of it. */
export function pretrainedNets(
  name: CommitteeName = 'committee',
): TrainedNets & Required<Pick<TrainedNets, 'recorded'>> {
  const recorded = committee(name);
  return {
    members: recorded.nets.map((net) => ({
      place: `net ${net.name} of @mnist/pretrained`,
      load: () => loadNet(net.name),
    })),
    from: '@mnist/pretrained',
    config: { dataset: recorded.dataset, augmentation: recorded.recipe.augmentation },
    recorded,
  };
}
