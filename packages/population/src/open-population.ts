import { readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ifExists } from '@mnist/kit/files';
import * as v from 'valibot';
import { layoutOf, netIndex, netName } from './_layout.js';
import { isoTime, readJsonFile, strictObject, wholeNumber } from './_read-json-file.js';
import { typed } from './_typed-errors.js';
import { type PopulationManifest, readManifest } from './manifest.js';
import { PopulationError } from './population-error.js';
import { PopulationMember } from './population-member.js';

/** The last error of a net that could not be trained. */
export interface StoredFailure {
  readonly index: number;
  readonly attempts: number;
  readonly code: string;
  readonly message: string;
  /** ISO 8601, UTC. */
  readonly time: string;
}

/** A population as it was when it was opened. Contents are read when asked for. */
export interface Population {
  /** Absolute path. */
  readonly folder: string;
  readonly manifest: PopulationManifest;
  /** The complete nets, by number. */
  readonly members: readonly PopulationMember[];
  /** Nets below `manifest.count` that are not trained yet. */
  readonly missing: readonly number[];
  /**
   * Nets whose list of files or config is missing, unreadable or another net's. `verifyPopulation` finds all other damage.
   */
  readonly damaged: readonly { readonly index: number; readonly error: PopulationError }[];
  /** Nets that were tried and failed, with their last error. */
  readonly failures: readonly StoredFailure[];
  /**
   * One net by its number.
   * @throws PopulationError `NET_MISSING`, or the `NET_DAMAGED` error listed in `damaged`
   */
  member(index: number): PopulationMember;
}

const failureSchema = strictObject({
  index: wholeNumber,
  attempts: wholeNumber,
  code: v.string(),
  message: v.string(),
  time: isoTime,
});

/**
 * Opens a population folder for reading. A damaged net does not keep the others from being read.
 *
 * @throws PopulationError `NOT_A_POPULATION`, `UNSUPPORTED_FORMAT` or `STORAGE_FAILED`
 */
export async function openPopulation(folder: string): Promise<Population> {
  const manifest = await readManifest(folder);
  return await typed(() => readMembers(resolve(folder), manifest));
}

async function readMembers(root: string, manifest: PopulationManifest): Promise<Population> {
  const layout = layoutOf(root);
  const indices = ((await ifExists(readdir(layout.nets))) ?? [])
    .flatMap((name) => netIndex(name) ?? [])
    .sort((a, b) => a - b);
  const members = new Map<number, PopulationMember>();
  const damaged = new Map<number, PopulationError>();
  for (const index of indices) {
    try {
      members.set(index, await PopulationMember.open(root, index, manifest));
    } catch (error) {
      if (!(error instanceof PopulationError)) throw error;
      damaged.set(index, error);
    }
  }
  const missing = Array.from({ length: manifest.count }, (_, index) => index).filter(
    (index) => !members.has(index) && !damaged.has(index),
  );
  const failures: StoredFailure[] = [];
  for (const name of ((await ifExists(readdir(layout.failures))) ?? []).sort()) {
    const index = netIndex(name.replace(/\.json$/, ''));
    if (index !== undefined && index < manifest.count && !members.has(index) && !damaged.has(index)) {
      failures.push(await readJsonFile(layout.failure(index), failureSchema).catch(unreadable(index)));
    }
  }
  return {
    folder: root,
    manifest,
    members: [...members.values()],
    missing,
    damaged: [...damaged].map(([index, error]) => ({ index, error })),
    failures,
    member(index) {
      const found = members.get(index);
      if (found !== undefined) return found;
      throw (
        damaged.get(index) ??
        new PopulationError(
          'NET_MISSING',
          `${root} has no net ${netName(index)}; it has ${members.size} of ${manifest.count}. Train the rest first.`,
        )
      );
    },
  };
}

/** A failure whose record is itself unreadable is still a failure. */
function unreadable(index: number): (error: Error) => StoredFailure {
  return (error) => ({
    index,
    attempts: 0,
    code: 'UNKNOWN',
    message: `its record ${error.message}`,
    time: new Date(0).toISOString(),
  });
}
