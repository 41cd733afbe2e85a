import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { exists, ifExists } from '@mnist/kit/files';
import { ForeignFileError, kindOf } from '../ui/errors.js';
import { findNets, type TrainedNets } from './find-nets.js';
import { pretrainedNets } from './pretrained-nets.js';

/**
 * The nets that answer where nobody named any: those of the newest run in `./runs` that were trained on MNIST, else the
 * shipped ones. Nets of drawn digits, or of another data set, answer only when they are named.
 *
 * @param warn told of a run of ours that is damaged, or may not be read: the next one answers
 */
export async function defaultNets(warn: (text: string) => void): Promise<TrainedNets> {
  const names = (await ifExists(readdir('runs'))) ?? [];
  const runs = await Promise.all(
    names.map(async (name) => {
      const place = join('runs', name);
      // No time: a link that leads nowhere.
      return { place, changed: (await stat(place).catch(() => undefined))?.mtimeMs };
    }),
  );
  const readable = runs.filter(({ changed }) => changed !== undefined);
  for (const { place } of readable.sort((a, b) => b.changed! - a.changed!)) {
    try {
      const nets = await findNets(place);
      const { dataset } = nets.config;
      if (!nets.assumption && dataset.kind === 'published' && dataset.name === 'mnist') return nets;
    } catch (error) {
      if (kindOf(error) === 'internal') throw error;
      if (await isOurs(place, error)) warn(`${place} is passed over: ${(error as Error).message}`);
    }
  }
  return pretrainedNets();
}

/** Whether something is wrong with a run of ours; not so where there is no net yet, or what another program left. */
async function isOurs(place: string, error: unknown): Promise<boolean> {
  if (error instanceof ForeignFileError) return false;
  // `run` alone keeps a population in there; nets that are still missing are no damage to it.
  const { code } = error as { code?: unknown };
  if (code === 'NOT_A_POPULATION') return exists(join(place, 'population', 'manifest.json'));
  return kindOf(error) !== 'input';
}
