import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Checksums, checkFile, readChecksums } from './_checksums.js';
import { listFiles } from './_folder-files.js';
import { canonicalJson } from './_json.js';
import { netFiles, netName } from './_layout.js';
import {
  expectedConfig,
  memberConfigSchema,
  memberMetricsSchema,
  probabilitiesFault,
} from './_member-files.js';
import { decodeNpy } from './_npy.js';
import { anyJson, environmentSchema, readJsonFile } from './_read-json-file.js';
import { isShortage } from './_typed-errors.js';
import type { PopulationManifest } from './manifest.js';
import type { MemberConfig } from './member-config.js';
import type { JsonValue } from './recipe.js';

export type FileProblemKind =
  /** Listed in checksums.json, or always there, but absent. */
  | 'missing'
  /** A symbolic link, the folders on the way included: what lies behind it is nobody's promise. */
  | 'link'
  /** The file system does not hand it out: no right to it, or a bad disk. */
  | 'unreadable'
  | 'truncated'
  | 'oversized'
  /** The right size, other content. */
  | 'corrupt'
  /** Not listed: nobody vouches for it. */
  | 'extra'
  /** The bytes are as written but make no sense. */
  | 'invalid'
  /** A sound net of another number or another population. */
  | 'foreign';

export interface FileProblem {
  readonly kind: FileProblemKind;
  /** The net that the file belongs to; undefined for the folder itself. */
  readonly index: number | undefined;
  /** Relative to the population folder, with `/`. */
  readonly path: string;
  /** One line for people: path, found, expected. */
  readonly message: string;
}

/** Everything that is wrong with the files of one net, in its place or on its way there. */
export async function verifyNet(
  folder: string,
  index: number,
  manifest: PopulationManifest,
): Promise<{ digest: string | undefined; problems: FileProblem[] }> {
  const problems: FileProblem[] = [];
  const report = (kind: FileProblemKind, file: string, text: string) => {
    const path = `nets/${netName(index)}/${file}`;
    problems.push({ kind, index, path, message: `${path} ${text}` });
  };

  let checksums: Checksums;
  try {
    checksums = await readChecksums(folder);
  } catch (error) {
    if (isShortage(error)) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      report('missing', netFiles.checksums, 'is missing');
    else report('corrupt', netFiles.checksums, (error as Error).message);
    return { digest: undefined, problems };
  }

  for (const [file, expected] of checksums.files) {
    const problem = await checkFile(folder, file, expected);
    if (problem)
      report(problem.kind, file, `is ${problem.kind}: found ${problem.found}, expected ${problem.expected}`);
  }
  const always = Object.values<string>(netFiles).filter((file) => file !== netFiles.checksums);
  for (const file of always) {
    if (!checksums.files.has(file)) report('missing', file, 'is not listed in checksums.json');
  }
  for (const file of await listFiles(folder)) {
    if (file !== netFiles.checksums && !checksums.files.has(file)) {
      report('extra', file, 'is not listed in checksums.json: nobody vouches for it');
    }
  }
  // The content of changed files has been reported; only sound bytes are worth reading.
  if (problems.length === 0) await checkContent(folder, index, manifest, report);
  return { digest: problems.length === 0 ? checksums.digest : undefined, problems };
}

export const FOREIGN = 'has another number, seed, recipe or config than the manifest gives this net';

/** Whether config.json is that of another net. */
export function isForeign(config: MemberConfig, manifest: PopulationManifest, index: number): boolean {
  const [found, expected] = [config, expectedConfig(manifest, index)].map((value) =>
    canonicalJson(value as unknown as JsonValue),
  );
  return found !== expected;
}

async function checkContent(
  folder: string,
  index: number,
  manifest: PopulationManifest,
  report: (kind: FileProblemKind, file: string, text: string) => void,
): Promise<void> {
  const attempt = async <T>(file: string, read: (path: string) => Promise<T>): Promise<T | undefined> => {
    try {
      return await read(join(folder, file));
    } catch (error) {
      report('invalid', file, (error as Error).message);
      return undefined;
    }
  };
  const config = await attempt(netFiles.config, (path) => readJsonFile(path, memberConfigSchema));
  const metrics = await attempt(netFiles.metrics, (path) => readJsonFile(path, memberMetricsSchema));
  await attempt(netFiles.history, (path) => readJsonFile(path, anyJson));
  await attempt(netFiles.environment, (path) => readJsonFile(path, environmentSchema));
  const matrix = await attempt(netFiles.probabilities, async (path) => decodeNpy(await readFile(path)));
  if (config !== undefined) {
    if (isForeign(config as MemberConfig, manifest, index)) report('foreign', netFiles.config, FOREIGN);
  }
  const fault = matrix && probabilitiesFault(matrix);
  if (fault) report('invalid', netFiles.probabilities, `has ${fault.found}; expected ${fault.expected}`);
  if (
    metrics !== undefined &&
    matrix !== undefined &&
    String(metrics.probabilities.shape) !== String(matrix.shape)
  ) {
    report(
      'invalid',
      netFiles.probabilities,
      `has shape [${matrix.shape}]; metrics.json says [${metrics.probabilities.shape}]`,
    );
  }
}
