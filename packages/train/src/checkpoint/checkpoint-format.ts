import { createHash } from 'node:crypto';
import { endianness } from 'node:os';
import type { NamedTensor } from '@mnist/engine';
import { packState, unpackState } from '../_pack-state.js';
import { TrainError } from '../train-error.js';
import type { CallbackState, Metric, TrainingIdentity, TrainingSnapshot } from '../training-snapshot.js';

/**
 * A checkpoint file, version 1:
 *
 * | bytes | what |
 * |---|---|
 * | 8 | `MNISTCKP` |
 * | 4 | version, uint32 little-endian |
 * | 4 | length of the header in bytes, uint32 little-endian |
 * | n | header: JSON, UTF-8, padded with spaces so that the data starts at a multiple of 8 |
 * | m | the tensors of the header's list one after another, float32 little-endian, row-major |
 * | 32 | SHA-256 of everything before |
 *
 * The header names each tensor, its group and its shape. Groups: `parameters`, `statistics`, `slot:<name>`, and
 * `callback:<callback>:<key>`. Numbers that JSON lacks stand as `{"$number":"NaN"}`, `"Infinity"` or `"-Infinity"`.
 * The same training state gives the same bytes.
 */
export interface CheckpointHeader {
  readonly format: 'mnist-train-checkpoint';
  /** Steps taken. */
  readonly step: number;
  readonly identity: TrainingIdentity;
  readonly metrics: Readonly<Record<string, Metric>>;
  /** The callbacks' JSON parts. */
  readonly callbacks: Readonly<Record<string, unknown>>;
  readonly tensors: readonly {
    readonly group: string;
    readonly name: string;
    readonly shape: readonly number[];
  }[];
}

const magic = 'MNISTCKP';
const version = 1;
const fixedLength = 16;
const digestLength = 32;

export function encodeCheckpoint(snapshot: TrainingSnapshot): Buffer {
  const groups: Record<string, readonly NamedTensor[]> = { ...packState(snapshot.state) };
  for (const [callback, { tensors }] of Object.entries(snapshot.callbacks)) {
    for (const [key, list] of Object.entries(tensors ?? {})) groups[`callback:${callback}:${key}`] = list;
  }
  const flat = Object.entries(groups).flatMap(([group, list]) =>
    list.map((tensor) => ({ group, ...tensor })),
  );
  const header: CheckpointHeader = {
    format: 'mnist-train-checkpoint',
    step: snapshot.state.step,
    identity: snapshot.identity,
    metrics: snapshot.metrics,
    callbacks: Object.fromEntries(
      Object.entries(snapshot.callbacks).map(([name, { json }]) => [name, json ?? null]),
    ),
    tensors: flat.map(({ group, name, shape }) => ({ group, name, shape })),
  };
  const text = Buffer.from(JSON.stringify(header, encodeNumber));
  const padded = Math.ceil((fixedLength + text.length) / 8) * 8 - fixedLength;
  const dataLength = flat.reduce((sum, { data }) => sum + data.length * 4, 0);
  const bytes = Buffer.alloc(fixedLength + padded + dataLength + digestLength, ' ');
  bytes.write(magic, 0, 'latin1');
  bytes.writeUInt32LE(version, 8);
  bytes.writeUInt32LE(padded, 12);
  text.copy(bytes, fixedLength);
  let at = fixedLength + padded;
  for (const { data } of flat) {
    const part = bytes.subarray(at, at + data.length * 4);
    Buffer.from(data.buffer, data.byteOffset, data.byteLength).copy(part);
    if (endianness() === 'BE') part.swap32();
    at += part.length;
  }
  createHash('sha256').update(bytes.subarray(0, at)).digest().copy(bytes, at);
  return bytes;
}

/** @throws TrainError CHECKPOINT_CORRUPT, with the reason */
export function decodeCheckpoint(bytes: Buffer, file: string): TrainingSnapshot {
  const header = decodeHeader(bytes, file);
  const end = bytes.length - digestLength;
  const digest = createHash('sha256').update(bytes.subarray(0, end)).digest();
  if (!digest.equals(bytes.subarray(end))) throw corrupt(file, 'its SHA-256 does not match its content');
  let at = fixedLength + bytes.readUInt32LE(12);
  const groups: Record<string, NamedTensor[]> = {};
  for (const { group, name, shape } of header.tensors) {
    const length = shape.reduce((product, size) => product * size, 1) * 4;
    if (at + length > end) throw corrupt(file, `tensor '${name}' ends behind the data`);
    const part = Buffer.from(bytes.subarray(at, at + length));
    if (endianness() === 'BE') part.swap32();
    const data = new Float32Array(length / 4);
    part.copy(Buffer.from(data.buffer));
    groups[group] ??= [];
    groups[group].push({ name, shape, data });
    at += length;
  }
  if (at !== end) throw corrupt(file, `${end - at} bytes follow the last tensor`);
  const callbacks: Record<string, CallbackState> = {};
  for (const [name, json] of Object.entries(header.callbacks)) {
    const prefix = `callback:${name}:`;
    const tensors = Object.entries(groups)
      .filter(([group]) => group.startsWith(prefix))
      .map(([group, list]) => [group.slice(prefix.length), list] as const);
    callbacks[name] = { json, ...(tensors.length > 0 && { tensors: Object.fromEntries(tensors) }) };
  }
  const { step, identity, metrics } = header;
  return { identity, metrics, callbacks, state: unpackState(step, groups) };
}

/** The header alone, without a look at the checksum. */
export function decodeHeader(bytes: Buffer, file: string): CheckpointHeader {
  if (bytes.length < fixedLength + digestLength || bytes.toString('latin1', 0, 8) !== magic) {
    throw corrupt(file, `it is no checkpoint (${bytes.length} bytes, no '${magic}' at its start)`);
  }
  const found = bytes.readUInt32LE(8);
  if (found !== version) throw corrupt(file, `it has format version ${found}; this program reads ${version}`);
  const length = bytes.readUInt32LE(12);
  if (fixedLength + length + digestLength > bytes.length) throw corrupt(file, 'it ends within its header');
  let header: CheckpointHeader;
  try {
    header = JSON.parse(bytes.toString('utf8', fixedLength, fixedLength + length), decodeNumber);
  } catch (error) {
    throw corrupt(file, `its header is no JSON (${(error as Error).message})`);
  }
  if (header?.format !== 'mnist-train-checkpoint' || !Array.isArray(header.tensors)) {
    throw corrupt(file, `its header has the format '${header?.format}'`);
  }
  return header;
}

function encodeNumber(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? { $number: String(value) } : value;
}

function decodeNumber(_key: string, value: unknown): unknown {
  const text = (value as { $number?: unknown } | null)?.$number;
  return typeof text === 'string' ? Number(text) : value;
}

function corrupt(file: string, reason: string): TrainError {
  return new TrainError('CHECKPOINT_CORRUPT', `The checkpoint '${file}' cannot be used: ${reason}.`);
}
