import { text } from '@mnist/kit';
import { type LayersModel, loadLayersModel } from '@tensorflow/tfjs-layers';
import { checkGraph } from './_check-graph.js';
import { byteLength, corrupt, MODEL_FILE, type ModelFile, parseModelFile } from './_model-file.js';
import { placeOf, readBytes } from './_model-place.js';
import { requireBackend } from './_require-backend.js';
import { sha256 as sha256Of } from './_sha256.js';
import { check, ModelError } from './model-error.js';

/** A model that is replaced while it is read is read again, this many times at most. */
const ATTEMPTS = 5;

/**
 * Loads a model that `saveModel`, or `model.save` of TensorFlow.js, has written. Works on plain files and over HTTP;
 * tfjs-node is not needed. Sizes and connections are checked, and the SHA-256 sums where `model.json` has them.
 *
 * @param place the folder, or its `.json` file: a path or `file:` URL (not in a browser), or a web address
 * @throws ModelError INVALID_OPTION; NO_BACKEND; FILE_MISSING; FILE_CORRUPT (not a model, truncated, oversized or changed weights);
 *   MODEL_UNREADABLE (TensorFlow.js refuses it, for a layer class that was not registered for example)
 */
export async function loadModel(place: string): Promise<LayersModel> {
  check.require('loadModel', 'place', place, text);
  requireBackend('loadModel');
  const path = modelPath(placeOf(place));
  const { file, weights } = await readConsistently(path);
  checkGraph(path, file.modelTopology);
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
      `TensorFlow.js cannot build the model of ${path}: ${(cause as Error).message} ` +
        'Register the classes of its own layers first (tf.serialization.registerClass), or save it again.',
      { cause },
    );
  }
}

function modelPath(place: string): string {
  if (/\.json(\?.*)?$/i.test(place)) return place;
  return /[\\/]$/.test(place) ? `${place}${MODEL_FILE}` : `${place}/${MODEL_FILE}`;
}

async function readConsistently(path: string): Promise<{ file: ModelFile; weights: ArrayBuffer }> {
  let json = await readText(path);
  for (let attempt = 1; ; attempt++) {
    const file = parseModelFile(path, json);
    try {
      return { file, weights: await readWeights(path, file) };
    } catch (error) {
      const now = await readText(path);
      if (now === json || attempt === ATTEMPTS) throw error;
      json = now;
    }
  }
}

async function readWeights(path: string, file: ModelFile): Promise<ArrayBuffer> {
  const folder = path.replace(/[^\\/]*$/, '');
  const groups: Uint8Array[] = [];
  for (const { paths, weights, sha256 } of file.weightsManifest) {
    const files = paths.map((name) => folder + name);
    const bytes = concatenate(await Promise.all(files.map(read)));
    const names = files.join(', ');
    const expected = byteLength(weights);
    if (bytes.byteLength !== expected) {
      const how = bytes.byteLength < expected ? 'truncated' : 'too long';
      throw corrupt(names, `it is ${how}, ${bytes.byteLength} bytes`, `${expected} bytes`);
    }
    const found = sha256Of(bytes);
    if (sha256 !== undefined && found !== sha256) {
      throw corrupt(names, `its SHA-256 is ${found}`, `${sha256} as in ${MODEL_FILE}`);
    }
    groups.push(bytes);
  }
  return concatenate(groups).buffer;
}

/** Into a buffer of its own: small Buffers of Node share one with strangers. */
function concatenate(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const readText = async (path: string): Promise<string> => new TextDecoder().decode(await read(path));

async function read(path: string): Promise<Uint8Array> {
  try {
    return await readBytes(path);
  } catch (cause) {
    throw new ModelError(
      'FILE_MISSING',
      `${path} cannot be read (${(cause as Error).message}). Give the folder that saveModel wrote, with ${MODEL_FILE} and the weights beside it.`,
      { cause },
    );
  }
}
