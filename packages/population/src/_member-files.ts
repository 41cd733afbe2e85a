import { join } from 'node:path';
import { writeAndSync } from '@mnist/kit/files';
import * as v from 'valibot';
import { type Checksums, writeChecksums } from './_checksums.js';
import { listFiles } from './_folder-files.js';
import { toJsonValue } from './_json.js';
import { netFiles } from './_layout.js';
import { encodeNpy } from './_npy.js';
import {
  anyJson,
  finiteNumber,
  mapOf,
  recipeIdentity,
  sha256,
  strictObject,
  uint32,
  wholeNumber,
} from './_read-json-file.js';
import { pathFault, plainFileSize } from './_stored-path.js';
import type { FloatMatrix } from './float-matrix.js';
import { labelsChecksum } from './labels-checksum.js';
import type { PopulationManifest } from './manifest.js';
import type { MemberConfig } from './member-config.js';
import { memberSeed } from './member-seed.js';
import { PopulationError } from './population-error.js';
import type { JsonValue, MemberResult } from './recipe.js';

export const memberConfigSchema = strictObject({
  index: wholeNumber,
  seed: uint32,
  recipe: recipeIdentity,
  config: anyJson,
});

/** What config.json of net `index` must hold. */
export function expectedConfig(manifest: PopulationManifest, index: number): MemberConfig {
  return {
    index,
    seed: memberSeed(manifest.seed, index),
    recipe: { ...manifest.recipe },
    config: manifest.config,
  };
}

export const memberMetricsSchema = strictObject({
  metrics: v.pipe(
    mapOf(v.string(), finiteNumber),
    v.transform((map) => Object.fromEntries(map)),
  ),
  probabilities: strictObject({
    shape: v.strictTuple([wholeNumber, wholeNumber]),
    labelsSha256: v.nullable(sha256),
  }),
});

/**
 * Writes what this package keeps of a net beside what the recipe has written, then the checksums.
 * @throws PopulationError `INVALID_RESULT`
 */
export async function writeMemberFiles(
  folder: string,
  config: MemberConfig,
  result: MemberResult,
  environment: Readonly<Record<string, JsonValue>>,
): Promise<Checksums> {
  const published = await listFiles(folder);
  const reserved = published.filter((path) => Object.values<string>(netFiles).includes(path));
  if (reserved.length > 0) {
    throw new PopulationError(
      'INVALID_RESULT',
      `The recipe published ${reserved.join(', ')}, which this package writes itself. Use another name, or a subfolder.`,
    );
  }
  for (const path of published) {
    // A net holds its own bytes: what a link points to may change or vanish.
    if ((await plainFileSize(folder, path)) === 'link')
      fail(`published ${path}, a symbolic link`, 'a plain file');
    const fault = pathFault(path);
    if (fault !== undefined) fail(`published ${fault}`, 'names that every platform takes');
  }
  checkResult(result);
  const { probabilities, metrics, history = null } = result;
  const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
  await writeAndSync(join(folder, netFiles.config), json(config));
  await writeAndSync(
    join(folder, netFiles.metrics),
    json({
      metrics: toJsonValue(metrics, 'metrics', 'INVALID_RESULT'),
      probabilities: {
        shape: probabilities.shape,
        labelsSha256: probabilities.labels ? labelsChecksum(probabilities.labels) : null,
      },
    }),
  );
  await writeAndSync(join(folder, netFiles.history), json(toJsonValue(history, 'history', 'INVALID_RESULT')));
  await writeAndSync(join(folder, netFiles.probabilities), encodeNpy(probabilities));
  await writeAndSync(
    join(folder, netFiles.environment),
    json(toJsonValue({ ...environment, ...result.environment }, 'environment', 'INVALID_RESULT')),
  );
  return await writeChecksums(folder);
}

function checkResult(result: MemberResult): void {
  if (result === null || typeof result !== 'object') {
    fail(`returned ${result === null ? 'null' : typeof result}`, '{ metrics, probabilities, history? }');
  }
  const { metrics, probabilities } = result;
  if (metrics === null || typeof metrics !== 'object')
    fail(`returned metrics ${metrics}`, 'an object of numbers');
  for (const [name, value] of Object.entries(metrics)) {
    if (!Number.isFinite(value)) fail(`returned metrics.${name} = ${value}`, 'a finite number');
  }
  const { data, shape, labels } = probabilities ?? {};
  if (!(data instanceof Float32Array))
    fail('returned probabilities.data that is no Float32Array', 'a Float32Array');
  if (!Array.isArray(shape) || shape.length !== 2 || !shape.every((n) => Number.isInteger(n) && n > 0)) {
    fail(`returned probabilities.shape ${JSON.stringify(shape)}`, '[count, classes]');
  }
  const [count, classes] = shape as readonly [number, number];
  if (data.length !== count * classes) {
    fail(`returned ${data.length} probabilities`, `${count * classes} for shape [${count}, ${classes}]`);
  }
  if (labels !== undefined && !(labels instanceof Uint8Array && labels.length === count)) {
    fail(`returned ${(labels as { length?: number })?.length} labels`, `a Uint8Array of ${count}`);
  }
  const fault = probabilitiesFault({ data, shape: [count, classes] });
  if (fault !== undefined) fail(`returned ${fault.found}`, fault.expected);
}

/** Why a matrix holds no probabilities: each row must be a softmax. The same rule for what is written and read. */
export function probabilitiesFault({
  data,
  shape,
}: FloatMatrix): { readonly found: string; readonly expected: string } | undefined {
  const [count, classes] = shape;
  if (count < 1 || classes < 1)
    return { found: `shape [${shape}]`, expected: 'at least one row and one class' };
  for (let row = 0; row < count; row += 1) {
    let sum = 0;
    for (let k = row * classes; k < (row + 1) * classes; k += 1) {
      const p = data[k]!;
      if (!(p >= 0 && p <= 1.0001))
        return { found: `probability ${p} in row ${row}`, expected: 'a number from 0 to 1' };
      sum += p;
    }
    if (Math.abs(sum - 1) > 1e-3) {
      return { found: `row ${row} of probabilities with the sum ${sum}`, expected: '1 (a softmax)' };
    }
  }
  return undefined;
}

function fail(found: string, expected: string): never {
  throw new PopulationError('INVALID_RESULT', `The recipe ${found}; expected ${expected}.`);
}
