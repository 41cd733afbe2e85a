import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ifExists } from '@mnist/kit/files';
import { UsageError } from '../ui/errors.js';
import { findNets, type TrainedNets } from './find-nets.js';
import { pretrainedNets } from './pretrained-nets.js';

/**
 * The nets that answer where nobody named any: those of the newest run in `./runs` that were trained on MNIST, else the
 * shipped ones. Nets of drawn digits, or of another data set, answer only when they are named.
 */
export async function defaultNets(): Promise<TrainedNets> {
  const names = (await ifExists(readdir('runs'))) ?? [];
  const runs = await Promise.all(
    names.map(async (name) => ({
      place: join('runs', name),
      changed: (await stat(join('runs', name))).mtimeMs,
    })),
  );
  for (const { place } of runs.sort((a, b) => b.changed - a.changed)) {
    try {
      const nets = await findNets(place);
      const { dataset } = nets.config;
      if (!nets.assumption && dataset.kind === 'published' && dataset.name === 'mnist') return nets;
    } catch (error) {
      // No net yet, or none at all.
      if (!(error instanceof UsageError)) throw error;
    }
  }
  return pretrainedNets();
}
