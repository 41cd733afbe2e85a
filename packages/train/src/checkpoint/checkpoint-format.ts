import { createHash } from 'node:crypto';
import { endianness } from 'node:os';
import type { NamedTensor } from '@mnist/engine';
import { sizeOf } from '@mnist/kit';
import { packState, unpackState } from '../_pack-state.js';
import { TrainError } from '../train-error.js';
import type { CallbackState, TrainingSnapshot } from '../training-snapshot.js';
import { type CheckpointHeader, findHeaderFault } from './_check-header.js';

/**
 * A checkpoint file, version 2:
 *
 * | bytes | what |
 * |---|---|
 * | 8 | `MNISTCKP` |
 * | 4 | version, uint32 little-endian |
 * | 4 | length of the header in bytes, uint32 little-endian |
 * | n | header: JSON, UTF-8, padded with spaces so that the data starts at a multiple of 8 |
 * | m | the arrays of the header's list one after another, little-endian, row-major |
 * | 32 | SHA-256 of everything before |
 *
 * The header names each array, its group, its type (float64 first) and its shape. Groups: `parameters`, `statistics`,
 * `slot:<name>`, `tensors:<callback>:<key>` and `columns:<callback>` (float64). Numbers that JSON lacks stand as
 * `{"$number":"NaN"}`, `"Infinity"` or `"-Infinity"`. The same training state gives the same bytes.
 */
const magic = 'MNISTCKP';
const version = 2;
const digestLength = 32;

/** Bytes before the header. */
export const fixedLength = 16;

interface StoredArray {
  readonly group: string;
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array;
}

export function encodeCheckpoint(snapshot: TrainingSnapshot): Buffer {
  const columns: StoredArray[] = [];
  const tensors: StoredArray[] = [];
  const add = (group: string, list: readonly NamedTensor[]) => {
    for (const tensor of list) tensors.push({ group, ...tensor });
  };
  for (const [group, list] of Object.entries(packState(snapshot.state))) add(group, list);
  for (const [callback, state] of Object.entries(snapshot.callbacks)) {
    for (const [key, list] of Object.entries(state.tensors ?? {})) add(`tensors:${callback}:${key}`, list);
    for (const [name, data] of Object.entries(state.columns ?? {})) {
      columns.push({ group: `columns:${callback}`, name, shape: [data.length], data });
    }
  }
  const arrays = [...columns, ...tensors];
  const header: CheckpointHeader = {
    format: 'mnist-train-checkpoint',
    step: snapshot.state.step,
    identity: snapshot.identity,
    computedBy: snapshot.computedBy,
    lastBatch: snapshot.lastBatch,
    metrics: snapshot.metrics,
    callbacks: Object.fromEntries(
      Object.entries(snapshot.callbacks).map(([name, { json }]) => [name, json ?? null]),
    ),
    arrays: arrays.map(({ group, name, shape, data }) => ({
      group,
      name,
      type: data instanceof Float64Array ? 'float64' : 'float32',
      shape,
    })),
  };
  const text = Buffer.from(JSON.stringify(header, encodeNumber));
  const padded = Math.ceil((fixedLength + text.length) / 8) * 8 - fixedLength;
  const dataLength = arrays.reduce((sum, { data }) => sum + data.byteLength, 0);
  const bytes = Buffer.alloc(fixedLength + padded + dataLength + digestLength, ' ');
  bytes.write(magic, 0, 'latin1');
  bytes.writeUInt32LE(version, 8);
  bytes.writeUInt32LE(padded, 12);
  text.copy(bytes, fixedLength);
  let at = fixedLength + padded;
  for (const { data } of arrays) {
    const part = bytes.subarray(at, at + data.byteLength);
    Buffer.from(data.buffer, data.byteOffset, data.byteLength).copy(part);
    swapIfNeeded(part, data.BYTES_PER_ELEMENT);
    at += part.length;
  }
  createHash('sha256').update(bytes.subarray(0, at)).digest().copy(bytes, at);
  return bytes;
}

/** @throws TrainError CHECKPOINT_CORRUPT, with the reason */
export function decodeCheckpoint(bytes: Buffer, file: string): TrainingSnapshot {
  const headerEnd = fixedLength + headerLength(bytes, bytes.length, file);
  const header = decodeHeader(bytes.subarray(0, headerEnd), file);
  const end = bytes.length - digestLength;
  const digest = createHash('sha256').update(bytes.subarray(0, end)).digest();
  if (!digest.equals(bytes.subarray(end))) throw corrupt(file, 'its SHA-256 does not match its content');
  const tensors = new Map<string, NamedTensor[]>();
  const columns = new Map<string, [string, Float64Array][]>();
  const take = <T>(groups: Map<string, T[]>, group: string, value: T) => {
    const list = groups.get(group);
    if (list) list.push(value);
    else groups.set(group, [value]);
  };
  let at = headerEnd;
  for (const { group, name, type, shape } of header.arrays) {
    const Type = type === 'float64' ? Float64Array : Float32Array;
    const count = sizeOf(shape);
    const length = count * Type.BYTES_PER_ELEMENT;
    if (!(at + length <= end)) throw corrupt(file, `array '${name}' ends behind the data`);
    const part = Buffer.from(bytes.subarray(at, at + length));
    swapIfNeeded(part, Type.BYTES_PER_ELEMENT);
    const data = new Type(count);
    part.copy(Buffer.from(data.buffer));
    if (data instanceof Float64Array) take(columns, group, [name, data]);
    else take(tensors, group, { name, shape, data });
    at += length;
  }
  if (at !== end) throw corrupt(file, `${end - at} bytes follow the last array`);
  const callbacks: Record<string, CallbackState> = {};
  for (const [name, json] of Object.entries(header.callbacks)) {
    const prefix = `tensors:${name}:`;
    const own = [...tensors].filter(([group]) => group.startsWith(prefix));
    const series = columns.get(`columns:${name}`);
    callbacks[name] = {
      json,
      ...(own.length > 0 && {
        tensors: Object.fromEntries(own.map(([group, list]) => [group.slice(prefix.length), list])),
      }),
      ...(series && { columns: Object.fromEntries(series) }),
    };
  }
  const { step, identity, computedBy, lastBatch, metrics } = header;
  const state = unpackState(step, Object.fromEntries(tensors));
  return { identity, computedBy, lastBatch, metrics, callbacks, state };
}

/** Bytes of the header, from a file's first `fixedLength` bytes. */
export function headerLength(start: Buffer, fileLength: number, file: string): number {
  if (fileLength < fixedLength + digestLength || start.toString('latin1', 0, 8) !== magic) {
    throw corrupt(file, `it is no checkpoint (${fileLength} bytes, no '${magic}' at its start)`);
  }
  const found = start.readUInt32LE(8);
  if (found !== version) throw corrupt(file, `it has format version ${found}; this program reads ${version}`);
  const length = start.readUInt32LE(12);
  if (fixedLength + length + digestLength > fileLength) throw corrupt(file, 'it ends within its header');
  return length;
}

/** The header alone, without a look at the checksum. */
export function decodeHeader(start: Buffer, file: string): CheckpointHeader {
  let header: unknown;
  try {
    header = JSON.parse(start.toString('utf8', fixedLength), decodeNumber);
  } catch (error) {
    throw corrupt(file, `its header is no JSON (${(error as Error).message})`);
  }
  const fault = findHeaderFault(header);
  if (fault) throw corrupt(file, `in its header ${fault}`);
  return header as CheckpointHeader;
}

function swapIfNeeded(part: Buffer, bytesPerElement: number): void {
  if (endianness() === 'LE') return;
  if (bytesPerElement === 8) part.swap64();
  else part.swap32();
}

function encodeNumber(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? { $number: String(value) } : value;
}

function decodeNumber(_key: string, value: unknown): unknown {
  const text = (value as { $number?: unknown } | null)?.$number;
  return typeof text === 'string' ? Number(text) : value;
}

export function corrupt(file: string, reason: string): TrainError {
  return new TrainError('CHECKPOINT_CORRUPT', `The checkpoint '${file}' cannot be used: ${reason}.`);
}
