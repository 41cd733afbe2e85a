import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ifExists, nameAfterWriting, writeFileDurably } from '@mnist/kit/files';
import { findNotFiniteTensor } from '../_find-not-finite.js';
import { packState } from '../_pack-state.js';
import { TrainError } from '../train-error.js';
import type { TrainingSnapshot } from '../training-snapshot.js';
import type { CheckpointHeader } from './_check-header.js';
import {
  corrupt,
  decodeCheckpoint,
  decodeHeader,
  encodeCheckpoint,
  fixedLength,
  headerLength,
} from './checkpoint-format.js';

/** A checkpoint file in a folder. */
export interface CheckpointFile {
  readonly path: string;
  /** Steps taken when it was written. */
  readonly step: number;
}

const namePattern = /^step-(\d{9,15})\.ckpt$/;

/** The checkpoints of a folder, oldest first. A folder that does not exist has none. */
export async function listCheckpoints(directory: string): Promise<CheckpointFile[]> {
  const names = await ifExists(readdir(directory)).catch((error: NodeJS.ErrnoException) => {
    throw unavailable(directory, 'read', error);
  });
  return (names ?? [])
    .flatMap((name) => {
      const match = namePattern.exec(name);
      return match ? [{ path: join(directory, name), step: Number(match[1]) }] : [];
    })
    .sort((a, b) => a.step - b.step);
}

/** Writes `step-<steps>.ckpt` atomically; creates the folder. An equal name is replaced. */
export async function writeCheckpoint(
  directory: string,
  snapshot: TrainingSnapshot,
): Promise<CheckpointFile> {
  const { step } = snapshot.state;
  const path = join(directory, `step-${String(step).padStart(9, '0')}.ckpt`);
  try {
    await mkdir(directory, { recursive: true });
    await writeFileDurably(path, encodeCheckpoint(snapshot));
  } catch (error) {
    throw unavailable(path, 'written', error);
  }
  return { path, step };
}

/** @throws TrainError CHECKPOINT_CORRUPT, CHECKPOINT_UNAVAILABLE */
export async function readCheckpoint(path: string): Promise<TrainingSnapshot> {
  const bytes = await readFile(path).catch((error) => {
    throw unavailable(path, 'read', error);
  });
  return decodeCheckpoint(bytes, path);
}

/**
 * The header alone: a few thousand bytes of a file that may have hundreds of millions. The checksum is not looked at.
 *
 * @throws TrainError CHECKPOINT_CORRUPT, CHECKPOINT_UNAVAILABLE
 */
export async function readCheckpointHeader(path: string): Promise<CheckpointHeader> {
  const file = await open(path).catch((error) => {
    throw unavailable(path, 'read', error);
  });
  try {
    const { size } = await file.stat();
    const start = Buffer.alloc(fixedLength);
    await file.read(start, 0, fixedLength, 0);
    const bytes = Buffer.alloc(fixedLength + headerLength(start, size, path));
    await file.read(bytes, 0, bytes.length, 0);
    return decodeHeader(bytes, path);
  } finally {
    await file.close();
  }
}

/**
 * The newest checkpoint that a training can go on from: whole, and all numbers finite. Any other is renamed to
 * `<name>.corrupt`, reported through `warn`, and the one before it is tried.
 *
 * @returns undefined where the folder has no checkpoints
 * @throws TrainError CHECKPOINT_CORRUPT where it has some, and none is whole
 */
export async function readLatestCheckpoint(
  directory: string,
  warn: (message: string) => void = console.warn,
): Promise<TrainingSnapshot | undefined> {
  const files = await listCheckpoints(directory);
  for (const { path } of [...files].reverse()) {
    try {
      const snapshot = await readCheckpoint(path);
      const broken = findNotFinite(snapshot);
      if (broken) throw corrupt(path, `it holds numbers that are not finite (${broken})`);
      return snapshot;
    } catch (error) {
      if (!(error instanceof TrainError) || error.code !== 'CHECKPOINT_CORRUPT') throw error;
      await setAside(path, 'corrupt');
      warn(`${error.message} It was set aside as '${path}.corrupt'; the one before it is used.`);
    }
  }
  if (files.length === 0) return undefined;
  throw new TrainError(
    'CHECKPOINT_CORRUPT',
    `None of the ${files.length} checkpoint(s) in '${directory}' could be read; they were set aside as '*.corrupt'. Start again to train from the beginning.`,
  );
}

/** Names what is not finite in a snapshot, the tensors of callbacks included. */
export function findNotFinite({ state, callbacks }: TrainingSnapshot): string | undefined {
  const own = findNotFiniteTensor(packState(state));
  if (own) return own;
  for (const [name, { tensors = {} }] of Object.entries(callbacks)) {
    const broken = findNotFiniteTensor(tensors);
    if (broken) return `${name}: ${broken}`;
  }
  return undefined;
}

/** Keeps the file under a name that is no checkpoint's. */
export async function setAside(path: string, reason: 'corrupt' | 'unproven'): Promise<void> {
  await ifExists(rename(path, `${path}.${reason}`));
}

/** Removes what an interrupted write left behind. */
export async function removeTemporaryFiles(directory: string): Promise<void> {
  for (const name of await readdir(directory).catch(() => [])) {
    if (nameAfterWriting(name)?.startsWith('step-')) await rm(join(directory, name), { force: true });
  }
}

function unavailable(path: string, action: string, error: unknown): TrainError {
  return new TrainError(
    'CHECKPOINT_UNAVAILABLE',
    `'${path}' could not be ${action}: ${(error as Error).message}. Check the folder, its permissions and the free space.`,
    { cause: error },
  );
}
