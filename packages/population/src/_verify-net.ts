import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Checksums, checkFile, readChecksums } from './_checksums.js';
import { listFiles } from './_durable-files.js';
import { canonicalJson } from './_json.js';
import { netFiles, netName } from './_layout.js';
import { memberConfigSchema, memberMetricsSchema } from './_member-files.js';
import { decodeNpy } from './_npy.js';
import { anyJson, readJsonFile } from './_read-json-file.js';
import type { PopulationManifest } from './manifest.js';
import { memberSeed } from './member-seed.js';
import type { JsonValue } from './recipe.js';

export type FileProblemKind =
  /** Listed in checksums.json, or always there, but absent. */
  | 'missing'
  | 'truncated'
  | 'oversized'
  /** The right size, other content. */
  | 'corrupt'
  /** Not listed: nobody vouches for it. */
  | 'extra'
  /** The bytes are as written but make no sense. */
  | 'invalid'
  /** A sound net of another population. */
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
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      report('missing', netFiles.checksums, 'is missing');
    else report('corrupt', netFiles.checksums, (error as Error).message);
    return { digest: undefined, problems };
  }

  for (const [file, expected] of Object.entries(checksums.files)) {
    const problem = await checkFile(folder, file, expected);
    if (problem)
      report(problem.kind, file, `is ${problem.kind}: found ${problem.found}, expected ${problem.expected}`);
  }
  const always = Object.values<string>(netFiles).filter((file) => file !== netFiles.checksums);
  for (const file of always) {
    if (!(file in checksums.files)) report('missing', file, 'is not listed in checksums.json');
  }
  for (const file of await listFiles(folder)) {
    if (file !== netFiles.checksums && !(file in checksums.files)) {
      report('extra', file, 'is not listed in checksums.json: nobody vouches for it');
    }
  }
  // The content of changed files has been reported; only sound bytes are worth reading.
  if (problems.length === 0) await checkContent(folder, index, manifest, report);
  return { digest: problems.length === 0 ? checksums.digest : undefined, problems };
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
  await attempt(netFiles.environment, (path) => readJsonFile(path, anyJson));
  const matrix = await attempt(netFiles.probabilities, async (path) => decodeNpy(await readFile(path)));
  if (config !== undefined) {
    const expected = {
      index,
      seed: memberSeed(manifest.seed, index),
      recipe: { ...manifest.recipe },
      config: manifest.config,
    };
    if (canonicalJson(config as JsonValue) !== canonicalJson(expected)) {
      report(
        'foreign',
        netFiles.config,
        'has another number, seed, recipe or config than the manifest gives this net',
      );
    }
  }
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
