import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ifExists, writeFileDurably } from '@mnist/kit/files';
import * as v from 'valibot';
import { ClaimBook } from './_claim.js';
import { describeDifferences } from './_json.js';
import { FORMAT_VERSION, isUnfinished, layoutOf, MOST_NETS } from './_layout.js';
import { packageVersion } from './_package-version.js';
import {
  anyJson,
  isoTime,
  mapOf,
  readJsonFile,
  recipeIdentity,
  strictObject,
  uint32,
  wholeNumber,
} from './_read-json-file.js';
import { isStorageError, typed } from './_typed-errors.js';
import type { RecipeIdentity } from './load-recipe.js';
import { PopulationError } from './population-error.js';
import type { JsonValue } from './recipe.js';

/** What all nets of a population have in common. */
export interface PopulationManifest {
  readonly format: 'mnist-population';
  readonly formatVersion: number;
  /** UUID: names the population on a queue. */
  readonly id: string;
  /** ISO 8601, UTC. */
  readonly created: string;
  /** Nets that the population is to have. Grows, never shrinks. */
  readonly count: number;
  /** uint32 */
  readonly seed: number;
  readonly recipe: RecipeIdentity;
  readonly config: JsonValue;
  /** Versions of what created the folder. */
  readonly tools: Readonly<Record<string, string>>;
}

const manifestSchema = strictObject({
  format: v.literal('mnist-population'),
  formatVersion: v.literal(FORMAT_VERSION),
  id: v.pipe(v.string(), v.uuid()),
  created: isoTime,
  count: v.pipe(wholeNumber, v.maxValue(MOST_NETS)),
  seed: uint32,
  recipe: recipeIdentity,
  config: anyJson,
  tools: v.pipe(
    mapOf(v.string(), v.string()),
    v.transform((map) => Object.fromEntries(map)),
  ),
});

/**
 * @throws PopulationError `NOT_A_POPULATION` or `UNSUPPORTED_FORMAT`
 */
export async function readManifest(folder: string): Promise<PopulationManifest> {
  // An empty path would mean the current folder.
  if (typeof folder !== 'string' || folder === '') {
    throw new PopulationError(
      'INVALID_OPTION',
      `folder is ${JSON.stringify(folder)}; expected the path of a population.`,
    );
  }
  const manifest = await typed(() => readManifestIfAny(folder));
  if (manifest !== undefined) return manifest;
  throw new PopulationError(
    'NOT_A_POPULATION',
    `${folder} has no manifest.json, so it is no population folder. Give the folder that trainPopulation or ` +
      'enqueuePopulation wrote.',
  );
}

/** Undefined when there is no manifest. A manifest that cannot be read is an error. */
async function readManifestIfAny(folder: string): Promise<PopulationManifest | undefined> {
  const path = layoutOf(folder).manifest;
  try {
    const head = await ifExists(
      readJsonFile(path, v.looseObject({ format: v.string(), formatVersion: v.number() })),
    );
    if (head === undefined) return undefined;
    if (head.format === 'mnist-population' && head.formatVersion !== FORMAT_VERSION) {
      throw new PopulationError(
        'UNSUPPORTED_FORMAT',
        `${path} has format version ${head.formatVersion}; this version of @mnist/population reads ${FORMAT_VERSION}. ` +
          'Use the version of the package that wrote it.',
      );
    }
    return (await readJsonFile(path, manifestSchema)) as PopulationManifest;
  } catch (error) {
    if (error instanceof PopulationError || isStorageError(error)) throw error;
    throw new PopulationError(
      'NOT_A_POPULATION',
      `${path} ${(error as Error).message}. Restore it from a copy, or move the nets into a population of the same ` +
        'config, seed and recipe.',
      { cause: error },
    );
  }
}

export interface ManifestRequest {
  readonly count: number;
  readonly seed: number;
  readonly recipe: RecipeIdentity;
  readonly config: JsonValue;
}

/**
 * Creates the population or finds it, and lets it grow.
 * @throws PopulationError `POPULATION_MISMATCH` when the folder holds another population
 */
export async function ensureManifest(
  folder: string,
  request: ManifestRequest,
  claimTimeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<PopulationManifest> {
  const layout = layoutOf(folder);
  for (const path of [layout.nets, layout.claims, layout.work, layout.staging])
    await mkdir(path, { recursive: true });
  const claim = await new ClaimBook(layout.claims, claimTimeoutMs).acquireSoon('manifest', signal);
  try {
    // Whoever holds the claim is the only one to write: what is unfinished was left by a killed process.
    for (const name of await readdir(folder)) {
      if (isUnfinished(name)) await rm(join(folder, name), { force: true });
    }
    const stored = await readManifestIfAny(folder);
    if (stored === undefined && (await readdir(layout.nets)).length > 0) {
      throw new PopulationError(
        'NOT_A_POPULATION',
        `${folder} has nets but no manifest.json. Restore the manifest from a copy, or train into another folder.`,
      );
    }
    if (stored !== undefined) assertSamePopulation(folder, stored, request);
    if (stored !== undefined && stored.count >= request.count) return stored;
    const manifest: PopulationManifest = stored
      ? { ...stored, count: request.count }
      : {
          format: 'mnist-population',
          formatVersion: FORMAT_VERSION,
          id: randomUUID(),
          created: new Date().toISOString(),
          count: request.count,
          seed: request.seed,
          recipe: { name: request.recipe.name, version: request.recipe.version },
          config: request.config,
          tools: { node: process.versions.node, '@mnist/population': packageVersion() },
        };
    await writeFileDurably(layout.manifest, `${JSON.stringify(manifest, null, 2)}\n`);
    return manifest;
  } finally {
    await claim.release();
  }
}

function assertSamePopulation(folder: string, stored: PopulationManifest, request: ManifestRequest): void {
  const differences = [
    ...describeDifferences(stored.seed, request.seed, 'seed'),
    ...describeDifferences(
      { ...stored.recipe },
      { name: request.recipe.name, version: request.recipe.version },
      'recipe',
    ),
    ...describeDifferences(stored.config, request.config, 'config'),
  ];
  if (differences.length === 0) return;
  throw new PopulationError(
    'POPULATION_MISMATCH',
    `${folder} holds another population: ${differences.join('; ')}. Give the stored values to go on with it, or ` +
      'another folder to begin a new one.',
  );
}
