import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type LayersModel, loadLayersModel } from '@tensorflow/tfjs-layers';
import { checkGraph } from './_check-graph.js';
import { byteLength, corrupt, MODEL_FILE, type ModelFile, parseModelFile } from './_model-file.js';
import { requireText } from './_options.js';
import { requireBackend } from './_require-backend.js';
import { ModelError } from './model-error.js';

/** A model that is replaced while it is read is read again, this many times at most. */
const ATTEMPTS = 5;

/**
 * Loads a model from a folder that `saveModel`, or `model.save` of TensorFlow.js, has written. Works on plain files;
 * tfjs-node is not needed. Sizes and connections are checked, and the SHA-256 sums where `model.json` has them.
 *
 * @throws ModelError INVALID_OPTION; NO_BACKEND; FILE_MISSING; FILE_CORRUPT (not a model, truncated, oversized or changed weights);
 *   MODEL_UNREADABLE (TensorFlow.js refuses it, for a layer class that was not registered for example)
 */
export async function loadModel(dir: string): Promise<LayersModel> {
  requireText('loadModel', 'dir', dir);
  requireBackend('loadModel');
  const { file, weights } = await readConsistently(dir);
  checkGraph(join(dir, MODEL_FILE), file.modelTopology);
  try {
    return await loadLayersModel({
      load: async () => ({
        modelTopology: file.modelTopology,
        weightSpecs: file.weightsManifest.flatMap((group) => [...group.weights]),
        weightData: weights,
        ...(file.userDefinedMetadata && { userDefinedMetadata: file.userDefinedMetadata }),
      }),
    });
  } catch (cause) {
    throw new ModelError(
      'MODEL_UNREADABLE',
      `TensorFlow.js cannot build the model of ${join(dir, MODEL_FILE)}: ${(cause as Error).message} ` +
        'Register the classes of its own layers first (tf.serialization.registerClass), or save it again.',
      { cause },
    );
  }
}

async function readConsistently(dir: string): Promise<{ file: ModelFile; weights: ArrayBuffer }> {
  const path = join(dir, MODEL_FILE);
  let text = (await readBytes(path)).toString('utf8');
  for (let attempt = 1; ; attempt++) {
    const file = parseModelFile(path, text);
    try {
      return { file, weights: await readWeights(dir, file) };
    } catch (error) {
      const now = (await readBytes(path)).toString('utf8');
      if (now === text || attempt === ATTEMPTS) throw error;
      text = now;
    }
  }
}

async function readWeights(dir: string, file: ModelFile): Promise<ArrayBuffer> {
  const groups: Buffer[] = [];
  for (const { paths, weights, sha256 } of file.weightsManifest) {
    const parts: Buffer[] = [];
    for (const name of paths) parts.push(await readBytes(join(dir, name)));
    const bytes = Buffer.concat(parts);
    const names = paths.map((name) => join(dir, name)).join(', ');
    const expected = byteLength(weights);
    if (bytes.byteLength !== expected) {
      const how = bytes.byteLength < expected ? 'truncated' : 'too long';
      throw corrupt(names, `it is ${how}, ${bytes.byteLength} bytes`, `${expected} bytes`);
    }
    const found = createHash('sha256').update(bytes).digest('hex');
    if (sha256 !== undefined && found !== sha256) {
      throw corrupt(names, `its SHA-256 is ${found}`, `${sha256} as in ${MODEL_FILE}`);
    }
    groups.push(bytes);
  }
  const all = Buffer.concat(groups);
  // A buffer of its own: small Buffers share one with strangers.
  return new Uint8Array(all).buffer;
}

async function readBytes(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new ModelError(
      'FILE_MISSING',
      `${path} cannot be read (${(cause as Error).message}). Give the folder that saveModel wrote, with ${MODEL_FILE} and the weights beside it.`,
      { cause },
    );
  }
}
