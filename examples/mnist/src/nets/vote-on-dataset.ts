import type { ImageDataset, ImageTransform } from '@mnist/dataset';
import { type Evaluation, type Probabilities, softVote } from '@mnist/ensemble';
import { startProgress } from '@mnist/train';
import { transformsOf } from '../experiment/transforms.js';
import { classifyDataset } from './classify-dataset.js';
import { openNet, type TrainedNets } from './find-nets.js';

export interface Vote {
  readonly members: readonly Evaluation[];
  /** Mean of the members' probabilities, [count, classes]. */
  readonly probabilities: Probabilities;
  /** Engine, kernels and instruction set. */
  readonly computedBy: string;
}

/** Runs every net over a data set, one after the other, and averages. */
export async function voteOnDataset(
  nets: Pick<TrainedNets, 'members' | 'config'>,
  dataset: ImageDataset,
  engine: string,
  threads: number,
): Promise<Vote> {
  const total = dataset.labels.shape[0]!;
  const bar = startProgress({ label: 'classifying', total: total * nets.members.length });
  const view = once(transformsOf(nets.config.augmentation).evaluation);
  const members: Evaluation[] = [];
  let computedBy = engine;
  for (const [position, net] of nets.members.entries()) {
    const session = await openNet(nets, net, engine, threads);
    computedBy = session.computedBy;
    try {
      members.push(
        await classifyDataset(session, dataset, {
          name: `net ${position + 1}`,
          view,
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
  const probabilities = softVote(members.map((member) => member.probabilities));
  return { members, probabilities, computedBy };
}

/** The view, each image of a data set computed once: all nets are shown the same, and it is work of one thread. */
function once(view: ImageTransform): ImageTransform {
  const known = new Map<number, Float32Array>();
  return (image, out, key) => {
    const before = known.get(key.index);
    const { data, offset } = out;
    if (before) return data.set(before, offset);
    view(image, out, key);
    known.set(key.index, data.slice(offset, offset + out.size));
  };
}

export function votersTitle({ members }: TrainedNets): string {
  return members.length === 1 ? 'the net' : `the committee of ${members.length}`;
}
