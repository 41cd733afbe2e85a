import { readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ifExists } from './_durable-files.js';
import { layoutOf, netIndex, netName, rootEntries } from './_layout.js';
import { isPublished } from './_publish.js';
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
  readonly manifest: PopulationManifest;
  /** Numbers 0 to `manifest.count - 1`, and any stored beyond. */
  readonly nets: readonly NetReport[];
  /** Nets that are not there (yet). */
  readonly missing: readonly number[];
  /** Everything that is wrong, the nets' problems included. */
  readonly problems: readonly FileProblem[];
}

/**
 * Reads and hashes every file of a population and says what is wrong, file by file. Changes nothing. Safe while
 * runners are at work.
 *
 * @throws PopulationError `NOT_A_POPULATION` or `UNSUPPORTED_FORMAT` when the manifest itself is unreadable
 */
export async function verifyPopulation(folder: string): Promise<PopulationReport> {
  const root = resolve(folder);
  const manifest = await readManifest(root);
  const layout = layoutOf(root);
  const names = ((await ifExists(readdir(layout.nets))) ?? []).sort();
  const stored = names.flatMap((name) => netIndex(name) ?? []);
  const indices = new Set([...Array.from({ length: manifest.count }, (_, index) => index), ...stored]);
  const nets: NetReport[] = [];
  for (const index of [...indices].sort((a, b) => a - b)) {
    if (!(await isPublished(root, index))) {
      nets.push({ index, ok: false, stored: false, digest: undefined, problems: [] });
      continue;
    }
    const { digest, problems } = await verifyNet(layout.net(index), index, manifest);
    nets.push({ index, ok: problems.length === 0, stored: true, digest, problems });
  }
  const strangers = [
    ...(await readdir(root)).filter((name) => !rootEntries.includes(name)),
    ...names.filter((name) => netIndex(name) === undefined).map((name) => `nets/${name}`),
  ].map(strangerProblem);
  const missing = nets.filter((net) => !net.stored).map((net) => net.index);
  const problems = [...strangers, ...nets.flatMap((net) => net.problems)];
  return {
    folder: root,
    ok: problems.length === 0 && missing.length === 0,
    manifest,
    nets,
    missing,
    problems,
  };
}

function strangerProblem(path: string): FileProblem {
  return {
    kind: 'extra',
    index: undefined,
    path,
    message: `${path} is no part of a population (nets are called ${netName(0)}, ${netName(1)}, ...); move it elsewhere`,
  };
}
