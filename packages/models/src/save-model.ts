import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { oneOf, text } from '@mnist/kit';
import { nameAfterWriting, writeFileDurably } from '@mnist/kit/files';
import { io } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { toHalfPrecision } from './_half-precision.js';
import { hashStructure, MODEL_FILE, type ModelFile, WEIGHTS_FILE } from './_model-file.js';
import { isAddress, placeOf } from './_model-place.js';
import { requireBackend } from './_require-backend.js';
import { sha256 as sha256Of } from './_sha256.js';
import { check, ModelError } from './model-error.js';

export interface SaveModelOptions {
  /**
   * `float32` keeps every bit; `float16` rounds the weights to half precision (11 bits, ties to even) and halves the file.
   * TensorFlow.js reads both, as float32. Default `float32`.
   */
  readonly precision?: 'float32' | 'float16';
}

/** Weights under their bridge name, which a killed save may have left. */
const BRIDGE = /^weights-[0-9a-f]{16}\.bin$/;
const ownFile = (name: string): boolean => name === MODEL_FILE || name === WEIGHTS_FILE || BRIDGE.test(name);
/** What a killed save may have left. */
const isLeftover = (name: string): boolean => BRIDGE.test(name) || ownFile(nameAfterWriting(name) ?? '');

/**
 * Saves a model into a folder as `model.json` and `weights.bin`, the layout that `tf.loadLayersModel` reads in a
 * browser. `model.json` also carries the SHA-256 of the weights and of the net's structure, which `loadModel` verifies.
 *
 * The folder is made where it is missing; its other files are left alone. A model that is already there is replaced
 * so that at every moment, a kill or a power cut included, `model.json` names weights that belong to it. Several
 * processes may read meanwhile; only one may write.
 *
 * The checksums stand in the file's own fields, not in `userDefinedMetadata`: tfjs carries the latter over when it
 * saves other weights, and would leave wrong checksums behind.
 *
 * @param folder path or `file:` URL; tfjs's own `model.save` knows other places ('indexeddb://...')
 * @throws ModelError INVALID_OPTION, NO_BACKEND, SAVE_FAILED (the system's error is the `cause`; also a weight beyond 65,504,
 *   the largest number in half precision)
 */
export async function saveModel(
  model: LayersModel,
  folder: string,
  options: SaveModelOptions = {},
): Promise<void> {
  check.require('saveModel', 'folder', folder, text);
  const { precision } = check.complete<Required<SaveModelOptions>>(
    'saveModel',
    options,
    { precision: 'float32' },
    { precision: oneOf('float32', 'float16') },
  );
  const dir = placeOf(folder);
  if (isAddress(dir)) {
    throw new ModelError(
      'INVALID_OPTION',
      `saveModel: folder is ${JSON.stringify(folder)}; expected the path of a folder or a file: URL. Other places are for await model.save(...) of TensorFlow.js.`,
    );
  }
  requireBackend('saveModel');
  const { json, weights, sha256 } = await serialise(model, precision);
  const write = (name: string) => writeFileDurably(join(dir, name), weights);
  const commit = (name: string) => writeFileDurably(join(dir, MODEL_FILE), JSON.stringify(json(name)));
  try {
    await mkdir(dir, { recursive: true });
    const present = await readdir(dir);
    if (present.includes(MODEL_FILE) && present.includes(WEIGHTS_FILE)) {
      // Two names cannot change at once, so the model moves over a bridge: other weights, then their model.json.
      const bridge = `weights-${sha256.slice(0, 16)}.bin`;
      await write(bridge);
      await commit(bridge);
      await write(WEIGHTS_FILE);
      await commit(WEIGHTS_FILE);
    } else {
      await write(WEIGHTS_FILE);
      await commit(WEIGHTS_FILE);
    }
    const leftovers = (await readdir(dir)).filter(isLeftover);
    for (const name of leftovers) await rm(join(dir, name), { force: true });
  } catch (cause) {
    throw new ModelError(
      'SAVE_FAILED',
      `The model could not be saved into ${dir}: ${(cause as Error).message}. Check that the folder may be written and the disk has ${weights.byteLength} bytes free.`,
      { cause },
    );
  }
}

async function serialise(model: LayersModel, precision: 'float32' | 'float16') {
  let artifacts: io.ModelArtifacts | undefined;
  try {
    await model.save(
      io.withSaveHandler(async (given) => {
        artifacts = given;
        return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
      }),
    );
  } catch (cause) {
    throw new ModelError(
      'SAVE_FAILED',
      `TensorFlow.js cannot serialise the model: ${(cause as Error).message} Give a LayersModel that was not disposed.`,
      { cause },
    );
  }
  const { modelTopology, weightSpecs, weightData, generatedBy, userDefinedMetadata } = artifacts!;
  const parts = Array.isArray(weightData) ? weightData : [weightData!];
  const full = Buffer.concat(parts.map((part) => new Uint8Array(part)));
  const { specs, weights } =
    precision === 'float16' ? toHalfPrecision(weightSpecs!, full) : { specs: weightSpecs!, weights: full };
  const sha256 = sha256Of(weights);
  const structureSha256 = hashStructure({
    modelTopology: modelTopology as object,
    weightsManifest: [{ paths: [], weights: specs }],
  });
  const json = (path: string): ModelFile => ({
    format: 'layers-model',
    generatedBy,
    convertedBy: null,
    modelTopology: modelTopology as object,
    ...(userDefinedMetadata && { userDefinedMetadata: userDefinedMetadata as Record<string, object> }),
    structureSha256,
    weightsManifest: [{ paths: [path], weights: specs, sha256 }],
  });
  return { json, weights, sha256 };
}
