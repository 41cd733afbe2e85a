import type { io } from '@tensorflow/tfjs-core';
import { sha256 } from './_sha256.js';
import { ModelError } from './model-error.js';

export const MODEL_FILE = 'model.json';
export const WEIGHTS_FILE = 'weights.bin';

/** One weight as TensorFlow.js's manifest describes it. */
export type WeightSpec = io.WeightsManifestEntry;

/** TensorFlow.js's `model.json`, with checksums that the standard reader ignores. */
export interface ModelFile {
  readonly format: 'layers-model';
  readonly generatedBy?: string;
  readonly convertedBy?: string | null;
  readonly modelTopology: object;
  readonly userDefinedMetadata?: Record<string, object>;
  /** SHA-256 of the topology and the list of weights: what is neither is not needed to compute logits. */
  readonly structureSha256?: string;
  readonly weightsManifest: readonly WeightGroup[];
}

interface WeightGroup {
  readonly paths: readonly string[];
  readonly weights: readonly WeightSpec[];
  /** Of the bytes of all `paths` together. */
  readonly sha256?: string;
}

const byteSizes: Readonly<Record<string, number>> = { float32: 4, int32: 4, bool: 1, float16: 2 };

/** How a weight is stored: its dtype, or the half precision that a float32 was rounded to. */
function storedAs({ dtype, quantization }: WeightSpec): string {
  if (quantization === undefined) return (dtype as string) === 'float16' ? 'unquantised float16' : dtype;
  return dtype === 'float32' && quantization.dtype === 'float16' ? 'float16' : `quantised ${dtype}`;
}

/** Checks the text of a `model.json` as far as reading needs it. */
export function parseModelFile(path: string, text: string): ModelFile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw corrupt(
      path,
      `it is not JSON (${(cause as Error).message})`,
      'a model.json of TensorFlow.js',
      cause,
    );
  }
  const file = value as Partial<ModelFile> | null;
  if (
    typeof file !== 'object' ||
    file === null ||
    typeof file.modelTopology !== 'object' ||
    !file.modelTopology
  ) {
    throw corrupt(path, 'it has no modelTopology', 'a layers model saved by TensorFlow.js');
  }
  const groups: unknown = file.weightsManifest;
  if (!Array.isArray(groups) || groups.length === 0 || !groups.every(isGroup)) {
    throw corrupt(path, 'its weightsManifest is missing or malformed', 'a list of { paths, weights }');
  }
  for (const group of groups as WeightGroup[]) {
    for (const name of group.paths) {
      // A model file must not make its reader open other files of the machine.
      if (!/^[^/\\:]+$/.test(name) || name === '.' || name === '..') {
        throw corrupt(
          path,
          `its weights lie in ${JSON.stringify(name)}`,
          'a file name within the same folder',
        );
      }
    }
    for (const weight of group.weights) {
      const kind = storedAs(weight);
      if (!Object.hasOwn(byteSizes, kind)) {
        throw corrupt(
          path,
          `its weight '${weight.name}' is ${kind}`,
          'float32 (as such or in half precision), int32 or bool',
        );
      }
    }
  }
  const found = hashStructure(file as ModelFile);
  if (file.structureSha256 !== undefined && file.structureSha256 !== found) {
    throw corrupt(
      path,
      `the SHA-256 of its topology and weights list is ${found}`,
      `${String(file.structureSha256)} as it says itself`,
    );
  }
  return file as ModelFile;
}

export function hashStructure({
  modelTopology,
  weightsManifest,
}: Pick<ModelFile, 'modelTopology' | 'weightsManifest'>): string {
  const weights = weightsManifest.map((group) => group.weights);
  return sha256(JSON.stringify([modelTopology, weights]));
}

/** Bytes that the weights of a group take. */
export const byteLength = (weights: readonly WeightSpec[]): number =>
  weights.reduce(
    (sum, weight) => sum + weight.shape.reduce((size, length) => size * length, byteSizes[storedAs(weight)]!),
    0,
  );

export function corrupt(path: string, found: string, expected: string, cause?: unknown): ModelError {
  return new ModelError(
    'FILE_CORRUPT',
    `${path} is not what was saved: ${found}, expected ${expected}. Restore the folder from a copy, or train and save the model again.`,
    cause === undefined ? undefined : { cause },
  );
}

function isGroup(value: unknown): boolean {
  const group = value as { paths?: unknown; weights?: unknown; sha256?: unknown } | null;
  return (
    typeof group === 'object' &&
    group !== null &&
    Array.isArray(group.paths) &&
    group.paths.length > 0 &&
    group.paths.every((path) => typeof path === 'string') &&
    Array.isArray(group.weights) &&
    group.weights.every(isWeight) &&
    (group.sha256 === undefined || typeof group.sha256 === 'string')
  );
}

function isWeight(value: unknown): boolean {
  const weight = value as Partial<WeightSpec> | null;
  return (
    typeof weight === 'object' &&
    weight !== null &&
    typeof weight.name === 'string' &&
    typeof weight.dtype === 'string' &&
    Array.isArray(weight.shape) &&
    weight.shape.every((length) => Number.isSafeInteger(length) && length >= 0)
  );
}
