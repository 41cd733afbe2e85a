import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { signal } from '@mnist/kit';
import { ifExists } from '@mnist/kit/files';
import { expectedEntries, isUnfinished, layoutOf, netIndex, netName, rootEntries } from './_layout.js';
import { checkOptions } from './_options.js';
import { typed } from './_typed-errors.js';
import { type FileProblem, verifyNet } from './_verify-net.js';
import { type PopulationManifest, readManifest } from './manifest.js';

export type { FileProblem, FileProblemKind } from './_verify-net.js';

export interface NetReport {
  readonly index: number;
  /** Stored and without a problem. */
  readonly ok: boolean;
  /** Whether there is a folder for it. */
  readonly stored: boolean;
  /** SHA-256 over all files but environment.json; undefined unless `ok`. Equal digests: equal nets. */
  readonly digest: string | undefined;
  readonly problems: readonly FileProblem[];
}

export interface PopulationReport {
  /** Absolute path. */
  readonly folder: string;
  /** No problem anywhere and no net missing. */
  readonly ok: boolean;
  /** Every net is stored and sound, whatever else lies in the folder. */
  readonly complete: boolean;
  readonly manifest: PopulationManifest;
  /** Numbers 0 to `manifest.count - 1`, and any stored beyond. */
  readonly nets: readonly NetReport[];
  /** Nets that are not there (yet). */
  readonly missing: readonly number[];
  /** What lies in the folder and is no part of a population; it does no harm to the nets. */
  readonly strangers: readonly FileProblem[];
  /** Everything that is wrong: strangers, then the nets' problems. */
  readonly problems: readonly FileProblem[];
}

export interface VerifyPopulationOptions {
  /** Ends the reading: rejects with its reason. */
  readonly signal?: AbortSignal;
}

/**
 * Reads and hashes every file of a population and says what is wrong, file by file. Changes nothing. Safe while
 * runners are at work.
 *
 * @throws PopulationError `NOT_A_POPULATION` or `UNSUPPORTED_FORMAT` when the manifest itself is unreadable
 */
export async function verifyPopulation(
  folder: string,
  options: VerifyPopulationOptions = {},
): Promise<PopulationReport> {
  checkOptions('verifyPopulation', options, {}, { signal: signal });
  const manifest = await readManifest(folder);
  return await typed(() => verifyAll(resolve(folder), manifest, options.signal));
}

async function verifyAll(
  root: string,
  manifest: PopulationManifest,
  signal: AbortSignal | undefined,
): Promise<PopulationReport> {
  const layout = layoutOf(root);
  const stored = new Set((await entriesOf(layout.nets)).flatMap(({ name }) => netIndex(name) ?? []));
  const indices = new Set([...Array.from({ length: manifest.count }, (_, index) => index), ...stored]);
  const nets: NetReport[] = [];
  for (const index of [...indices].sort((a, b) => a - b)) {
    if (!stored.has(index)) {
      nets.push({ index, ok: false, stored: false, digest: undefined, problems: [] });
      continue;
    }
    signal?.throwIfAborted();
    const { digest, problems } = await verifyNet(layout.net(index), index, manifest);
    nets.push({ index, ok: problems.length === 0, stored: true, digest, problems });
  }
  const strangers = await findStrangers(root);
  const missing = nets.filter((net) => !net.stored).map((net) => net.index);
  const problems = [...strangers, ...nets.flatMap((net) => net.problems)];
  return {
    folder: root,
    ok: problems.length === 0 && missing.length === 0,
    complete: nets.every((net) => net.ok),
    manifest,
    nets,
    missing,
    strangers,
    problems,
  };
}

/** What does not belong into a population folder, outside the nets. */
async function findStrangers(root: string): Promise<FileProblem[]> {
  const problems: FileProblem[] = [];
  const look = (entry: Dirent, below: string, form: (name: string) => boolean, folder: boolean): void => {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isSymbolicLink()) problems.push(linkProblem(path));
    // A runner may be writing at this moment.
    else if (isUnfinished(path)) return;
    else if (!form(entry.name) || entry.isDirectory() !== folder) problems.push(strangerProblem(path));
  };
  for (const entry of await entriesOf(root)) {
    look(entry, '', (name) => rootEntries.includes(name), entry.name !== 'manifest.json');
  }
  for (const entry of await entriesOf(join(root, 'nets'))) {
    look(entry, 'nets', (name) => netIndex(name) !== undefined, true);
  }
  for (const [below, { form, folder }] of Object.entries(expectedEntries)) {
    for (const entry of await entriesOf(join(root, below))) {
      look(entry, below, (name) => form.test(name), folder);
    }
  }
  return problems;
}

/** By name; none where there is no such folder. */
async function entriesOf(folder: string): Promise<Dirent[]> {
  const entries = (await ifExists(readdir(folder, { withFileTypes: true }))) ?? [];
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function strangerProblem(path: string): FileProblem {
  return {
    kind: 'extra',
    index: undefined,
    path,
    message: `${path} is no part of a population (nets are called ${netName(0)}, ${netName(1)}, ...); move it elsewhere`,
  };
}

function linkProblem(path: string): FileProblem {
  return {
    kind: 'link',
    index: undefined,
    path,
    message: `${path} is a symbolic link; a population holds its own files: put what it points to in its place`,
  };
}
