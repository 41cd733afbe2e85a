import { mkdir, rename } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { syncFolder } from './_durable-files.js';
import { layoutOf, netName } from './_layout.js';
import { NetStore } from './_net-store.js';
import { runDefaults } from './_run-defaults.js';
import { readManifest } from './manifest.js';
import { PopulationError } from './population-error.js';

/**
 * Moves a net out of the way, to `set-aside/<number>-<time>`, so that the next run trains it anew. Nothing is deleted.
 *
 * @param folder population folder
 * @param index number of the net, from 0
 * @returns where the net is now
 * @throws PopulationError `NET_MISSING`, `CLAIM_HELD`, `NOT_A_POPULATION`
 */
export async function setAside(folder: string, index: number): Promise<string> {
  const root = resolve(folder);
  await readManifest(root);
  const layout = layoutOf(root);
  const store = new NetStore(root, runDefaults.claimTimeoutMs);
  const claim = await store.claim(index);
  if (claim === undefined) {
    throw new PopulationError(
      'CLAIM_HELD',
      `Net ${netName(index)} of ${root} is in the hands of a runner. Wait until it is done, or stop the runner.`,
    );
  }
  try {
    if (!(await store.isPublished(index))) {
      throw new PopulationError('NET_MISSING', `${root} has no net ${netName(index)} to set aside.`);
    }
    await mkdir(layout.setAside, { recursive: true });
    const time = new Date().toISOString().replaceAll(/[-:]/g, '');
    const target = join(layout.setAside, `${netName(index)}-${time}`);
    await rename(layout.net(index), target);
    await syncFolder(layout.nets);
    await syncFolder(layout.setAside);
    return target;
  } finally {
    await claim.release();
  }
}
