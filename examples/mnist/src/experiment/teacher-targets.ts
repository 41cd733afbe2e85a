import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { BatchSource } from '@mnist/dataset';
import { classifierFrom } from '@mnist/ensemble';
import { ifExists, writeFileDurably } from '@mnist/kit/files';
import { type DistilledSource, distill, startProgress } from '@mnist/train';
import ndarray, { type NdArray } from 'ndarray';
import { findNets, openNet, type TrainedNets } from '../nets/find-nets.js';
import { DamagedFileError, UsageError } from '../ui/errors.js';

export interface TeacherTargetsOptions {
  readonly teachers: TrainedNets;
  /** Weight of the labels in the targets, 0 to 1; the rest is the teachers'. */
  readonly labelShare: number;
  readonly classes: number;
  /** Keeps the answers, one file an epoch: an interrupted training, and a second student of the same views, ask nobody again. */
  readonly folder: string;
  /** What the answers depend on besides the teachers: data, seed, augmentation, batch size. */
  readonly identity: Readonly<Record<string, unknown>>;
  /** Full name of the engine that the teachers run on. */
  readonly engine: string;
  readonly threads: number;
  readonly signal?: AbortSignal;
}

/**
 * The nets of a place as teachers, and the SHA-256 of each one's weights, which tells them from others.
 *
 * @param limit only the first so many
 */
export async function findTeachers(
  place: string,
  limit?: number,
): Promise<{ readonly nets: TrainedNets; readonly digests: readonly string[] }> {
  const found = await findNets(place);
  if (limit !== undefined && limit > found.members.length) {
    throw new UsageError(`--teachers ${limit}: ${place} has ${found.members.length} nets.`);
  }
  const nets = { ...found, members: found.members.slice(0, limit) };
  const digests = await Promise.all(
    nets.members.map(async (net) =>
      createHash('sha256')
        .update(await readFile(join(net.place, 'weights.bin')))
        .digest('hex'),
    ),
  );
  return { nets, digests };
}

/** A step's answers are those of the same step of every run with the same identity, so they can be kept by their step. */
export async function teacherTargets(
  options: TeacherTargetsOptions,
): Promise<(views: BatchSource) => DistilledSource> {
  const { folder, identity, classes, labelShare } = options;
  await mkdir(folder, { recursive: true });
  await claim(folder, JSON.parse(JSON.stringify(identity)));
  return (views) => {
    let known: { epoch: number; answers: Float32Array } | undefined;
    const answersOf = async (epoch: number) => {
      if (known?.epoch !== epoch) known = { epoch, answers: await readOrAsk(views, epoch, options) };
      return known.answers;
    };
    return {
      ...views,
      async *iterate(start = 0) {
        let step = start;
        const next = async (images: NdArray<Float32Array>) => {
          const position = step % views.batchesPerEpoch;
          const answers = await answersOf(Math.floor(step / views.batchesPerEpoch));
          step++;
          const size = images.shape[0]!;
          const from = position * views.batchSize * classes;
          return ndarray(answers.subarray(from, from + size * classes), [size, classes]);
        };
        yield* distill(views, next, { labelShare }).iterate(start);
      },
    };
  };
}

async function readOrAsk(
  views: BatchSource,
  epoch: number,
  options: TeacherTargetsOptions,
): Promise<Float32Array> {
  const path = join(options.folder, `epoch-${String(epoch).padStart(4, '0')}.f32`);
  const stored = await ifExists(readFile(path));
  if (stored !== undefined) {
    const images = views.batchesPerEpoch * views.batchSize;
    const expected = 4 * images * options.classes;
    if (stored.length !== expected) {
      throw new DamagedFileError(
        `${path} has ${stored.length} bytes, expected ${expected}. Delete it; the teachers are asked again.`,
      );
    }
    const answers = new Float32Array(new Uint8Array(stored).buffer);
    // The probabilities of an image sum to 1, and what damage leaves hardly ever sums to their number.
    const sum = answers.reduce((total, value) => total + value, 0);
    if (Math.abs(sum - images) <= 1e-3 * images) return answers;
    throw new DamagedFileError(
      `${path} is damaged: its probabilities sum to ${sum}, expected ${images}. Delete it; the teachers are asked again.`,
    );
  }
  const answers = await ask(views, epoch, options);
  await writeFileDurably(path, new Uint8Array(answers.buffer));
  return answers;
}

/** Mean probabilities of the teachers on every view of an epoch, in the order of the batches. */
async function ask(
  views: BatchSource,
  epoch: number,
  { teachers, classes, engine, threads, signal }: TeacherTargetsOptions,
): Promise<Float32Array> {
  // The views are drawn once and wait for all teachers, who come one after the other: one session in memory instead of all.
  const batches: NdArray<Float32Array>[] = [];
  for await (const { images } of views.iterate(epoch * views.batchesPerEpoch)) {
    batches.push(ndarray(new Float32Array(images.data), [...images.shape]));
    if (batches.length === views.batchesPerEpoch) break;
  }
  const count = batches.reduce((sum, { shape }) => sum + shape[0]!, 0);
  const answers = new Float32Array(count * classes);
  const bar = startProgress({
    label: `asking the teachers about epoch ${epoch + 1}`,
    total: batches.length * teachers.members.length,
  });
  for (const [position, net] of teachers.members.entries()) {
    const session = await openNet(teachers, net, engine, threads);
    try {
      const teacher = classifierFrom({
        name: net.place,
        classCount: classes,
        predict: (images) => session.predict(images),
      });
      let at = 0;
      for (const [number, images] of batches.entries()) {
        signal?.throwIfAborted();
        const { data } = await teacher.classify(images);
        for (let i = 0; i < data.length; i++) answers[at + i]! += data[i]! / teachers.members.length;
        at += data.length;
        bar.update(position * batches.length + number + 1);
      }
    } finally {
      await session.dispose();
    }
  }
  bar.finish(`${count.toLocaleString('en-US')} views by ${teachers.members.length} teachers`);
  return answers;
}

/** Answers to other questions, or of other teachers, must not be taken for these. */
async function claim(folder: string, identity: unknown): Promise<void> {
  const path = join(folder, 'identity.json');
  const stored = await ifExists(readFile(path, 'utf8'));
  if (stored === undefined) return writeFileDurably(path, `${JSON.stringify(identity, null, 2)}\n`);
  let there: unknown;
  try {
    there = JSON.parse(stored);
  } catch {
    there = undefined;
  }
  if (isDeepStrictEqual(there, identity)) return;
  throw new UsageError(
    `${folder} keeps the answers of other teachers, or to other views. Name another folder with --targets, or delete that one.`,
  );
}
