import { mkdir, rename } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { signal } from '@mnist/kit';
import { syncFolder } from '@mnist/kit/files';
import { MOST_NETS, netName } from './_layout.js';
import { NetStore } from './_net-store.js';
import { checkOptions, milliseconds } from './_options.js';
import { runDefaults } from './_run-defaults.js';
import { typed } from './_typed-errors.js';
import { readManifest } from './manifest.js';
import { PopulationError } from './population-error.js';

export interface SetAsideOptions {
  /** As for the runners of the folder, ms. Default 60,000. */
  readonly claimTimeoutMs?: number;
  /** Ends the waiting for a claim: rejects with its reason. */
  readonly signal?: AbortSignal;
}

/**
 * Moves a net out of the way, to `set-aside/<number>-<time>`, so that the next run trains it anew. Nothing is deleted.
 * A claim that may be left from before a restart of the machine is watched for `claimTimeoutMs`; then it has expired.
 *
 * @param folder population folder
 * @param index number of the net, from 0
 * @returns where the net is now
 * @throws PopulationError `NET_MISSING`, `CLAIM_HELD`, `NOT_A_POPULATION`, `INVALID_OPTION`, `STORAGE_FAILED`
 */
export async function setAside(
  folder: string,
  index: number,
  options: SetAsideOptions = {},
): Promise<string> {
  checkOptions('setAside', options, {}, { claimTimeoutMs: milliseconds, signal: signal });
  const manifest = await readManifest(folder);
  if (!Number.isInteger(index) || index < 0 || index >= MOST_NETS) {
    throw new PopulationError(
      'INVALID_OPTION',
      `setAside(): index is ${index}; expected the number of a net.`,
    );
  }
  const store = new NetStore(resolve(folder), manifest, options.claimTimeoutMs ?? runDefaults.claimTimeoutMs);
  return await typed(() => moveAside(store, index, options.signal));
}

/** The work of setAside, for callers that have a store. */
export async function moveAside(
  store: NetStore,
  index: number,
  signal: AbortSignal | undefined,
): Promise<string> {
  const { folder: root, layout } = store;
  const claim = await store.claimUnlessAlive(index, signal);
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
