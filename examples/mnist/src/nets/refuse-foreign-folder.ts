import { dirname, join } from 'node:path';
import { exists } from '@mnist/kit/files';
import { UsageError } from '../ui/errors.js';
import { committeeFile } from './committee-file.js';
import { configFile } from './find-nets.js';

/** What each command writes into a folder of its own, and what that makes of the folder. */
const marks: Readonly<Record<string, string>> = {
  [configFile]: 'a training',
  'manifest.json': 'a population',
  [join('population', 'manifest.json')]: 'a run',
  [committeeFile]: 'an exported committee',
  'model.json': 'a net',
};

/**
 * A folder belongs to what was written there first: a second kind beside it would be taken for the first one, or hide it.
 *
 * @param own files whose presence means that the folder is the command's own, to go on in
 */
export async function refuseForeignFolder(folder: string, own: readonly string[]): Promise<void> {
  for (const file of own) if (await exists(join(folder, file))) return;
  for (const [file, what] of Object.entries(marks)) {
    if (await exists(join(folder, file))) refuse(folder, `holds ${what} (${file})`);
  }
  // A net, or the folder of all nets.
  for (const above of [dirname(folder), dirname(dirname(folder))]) {
    if (await exists(join(above, 'manifest.json'))) refuse(folder, `lies in the population ${above}`);
  }
}

function refuse(folder: string, why: string): never {
  throw new UsageError(`${folder} ${why}, which would be spoilt. Name another folder.`);
}
