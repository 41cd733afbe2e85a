import { show, text } from '@mnist/kit';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { backend, type io } from '@tensorflow/tfjs-core';
import { type LayersModel, loadLayersModel } from '@tensorflow/tfjs-layers';
import { addressOf, readBytes } from './_read-bytes.js';
import { type CommitteeNet, shipped } from './committee.js';
import { check, PretrainedError } from './pretrained-error.js';

export interface LoadNetOptions {
  /**
   * Where the package's folder `nets` lies, if not in the package: a path or `file:` URL (not in a browser), or an address, in
   * a browser relative to the page. For bundlers that leave the files of `new URL(..., import.meta.url)` behind.
   */
  readonly from?: string;
}

type FileName = keyof CommitteeNet['files'];

/**
 * Loads one net: float32 images `[batch, 28, 28, 1]` to logits `[batch, 10]`, without a softmax. Its two files
 * are read only now, and their SHA-256 held against the package's own list.
 *
 * @param net its place in `committee().nets`, from 0, or its name, `distilled-compact` and `distilled-double` included
 * @throws PretrainedError UNKNOWN_NET, INVALID_OPTION, NO_BACKEND, FILE_MISSING, FILE_CORRUPT
 */
export async function loadNet(net: number | string, options: LoadNetOptions = {}): Promise<LayersModel> {
  const { from } = check.complete<LoadNetOptions>('loadNet', options, {}, { from: text });
  const member = find(net);
  requireBackend();
  const [model, weights] = await Promise.all([
    readFile(member, 'model.json', from),
    readFile(member, 'weights.bin', from),
  ]);
  const { modelTopology, weightsManifest } = JSON.parse(new TextDecoder().decode(model)) as io.ModelJSON;
  return loadLayersModel({
    load: async () => ({
      modelTopology,
      weightSpecs: weightsManifest.flatMap((group) => group.weights),
      // A copy: small Buffers of Node share their memory with strangers.
      weightData: new Uint8Array(weights).buffer,
    }),
  });
}

function find(net: number | string): CommitteeNet {
  const { nets } = shipped.committee;
  const named = Object.values(shipped).flatMap((each) => each.nets);
  const member = typeof net === 'number' ? nets[net] : named.find(({ name }) => name === net);
  if (member) return member;
  throw new PretrainedError(
    'UNKNOWN_NET',
    `loadNet: net is ${show(net)}; expected a whole number from 0 to ${nets.length - 1}, or a name such as '${nets[0]!.name}' of committee().nets, 'distilled-compact' or 'distilled-double'.`,
  );
}

/** Template literals, not variables: so bundlers see which files an address may mean, and take them along. */
function packaged(name: string, file: FileName): URL {
  return file === 'model.json'
    ? new URL(`../nets/${name}/model.json`, import.meta.url)
    : new URL(`../nets/${name}/weights.bin`, import.meta.url);
}

function within(folder: URL, path: string): URL {
  const below = new URL(folder);
  below.pathname = `${below.pathname.replace(/\/$/, '')}/${path}`;
  return below;
}

/** For people: without percent signs, unless they encode no UTF-8 text. */
function readable({ href }: URL): string {
  try {
    return decodeURIComponent(href);
  } catch {
    return href;
  }
}

async function readFile({ name, files }: CommitteeNet, file: FileName, from?: string): Promise<Uint8Array> {
  const address = from === undefined ? packaged(name, file) : within(addressOf(from), `${name}/${file}`);
  const where = readable(address);
  let bytes: Uint8Array;
  try {
    bytes = await readBytes(address);
  } catch (cause) {
    throw new PretrainedError(
      'FILE_MISSING',
      `loadNet: ${where} cannot be read (${(cause as Error).message}). Install @mnist/pretrained again; where a bundler has moved it, copy its folder nets to where your program can read it and say where with the option from.`,
      { cause },
    );
  }
  const found = bytesToHex(sha256(bytes));
  const expected = files[file].sha256;
  if (found === expected) return bytes;
  throw new PretrainedError(
    'FILE_CORRUPT',
    `loadNet: ${where} has ${bytes.byteLength} bytes with the SHA-256 ${found}; expected ${files[file].bytes} bytes with ${expected}. Install @mnist/pretrained again, or copy its folder nets again: both must be of one version.`,
  );
}

/** TensorFlow.js keeps weights in a backend, even where another engine does the arithmetic. */
function requireBackend(): void {
  try {
    backend();
  } catch (cause) {
    throw new PretrainedError(
      'NO_BACKEND',
      `loadNet: TensorFlow.js has no backend ready to hold the weights (${(cause as Error).message.trim()}). Import one first, import '@tensorflow/tfjs-backend-cpu' for example; await tf.ready() if it starts asynchronously.`,
      { cause },
    );
  }
}
