import type { ImageDataset } from '@mnist/dataset';
import { type Evaluation, type Probabilities, softVote } from '@mnist/ensemble';
import { startProgress } from '@mnist/train';
import { transformsOf } from '../experiment/transforms.js';
import { classifyDataset } from './classify-dataset.js';
import { openNet, type TrainedNets } from './find-nets.js';

export interface Vote {
  readonly members: readonly Evaluation[];
  /** Mean of the members' probabilities, [count, classes]. */
  readonly probabilities: Probabilities;
}

/** Runs every net over a data set, one after the other, and averages. */
export async function voteOnDataset(
  nets: TrainedNets,
  dataset: ImageDataset,
  engine: string,
  threads: number,
): Promise<Vote> {
  const total = dataset.labels.shape[0]!;
  const bar = startProgress({ label: 'classifying', total: total * nets.folders.length });
  const members: Evaluation[] = [];
  for (const [position, folder] of nets.folders.entries()) {
    const session = await openNet(nets, folder, engine, threads);
    try {
      members.push(
        await classifyDataset(session, dataset, {
          name: `net ${position + 1}`,
          view: transformsOf(nets.config.augmentation).evaluation,
          onProgress: (done) => bar.update(position * total + done),
        }),
      );
    } finally {
      await session.dispose();
    }
  }
  bar.finish(
    `${total.toLocaleString('en-US')} images by ${members.length === 1 ? 'one net' : `${members.length} nets`}`,
  );
  return { members, probabilities: softVote(members.map(({ probabilities }) => probabilities)) };
}

export function votersTitle({ folders }: TrainedNets): string {
  return folders.length === 1 ? 'the net' : `the committee of ${folders.length}`;
}
