import * as v from 'valibot';
import { MOST_NETS, netIndex, netName } from '../_layout.js';
import { plainText } from '../_plain-text.js';
import {
  anyJson,
  finiteNumber,
  mapOf,
  recipeIdentity,
  sha256,
  strictObject,
  uint32,
  wholeNumber,
} from '../_read-json-file.js';
import { isPopulationErrorCode, type PopulationErrorCode } from '../population-error.js';
import type { ProgressReport } from '../recipe.js';

/** Changes with every change to what travels through Redis. */
export const PROTOCOL_VERSION = 2;

/** Redis takes values up to 512 MB, but a large one blocks every other client while it is copied. */
export const CHUNK_BYTES = 4 * 1024 * 1024;
/** The largest net or checkpoint that travels through a queue: it is held in memory on both sides. */
export const LARGEST_BLOB_BYTES = 512 * 1024 * 1024;
/** Characters of a reference to a blob; a real one has about 250. */
export const LONGEST_REFERENCE = 2048;

const netNumber = v.pipe(wholeNumber, v.maxValue(MOST_NETS - 1));
const attempt = v.pipe(wholeNumber, v.maxValue(1_000_000));
/** Text of another machine, for people: shortened, and without what would command a terminal. */
const textFor = (longest: number) =>
  v.pipe(
    v.string(),
    v.transform((text) => plainText(text, longest)),
  );
const workerName = textFor(200);
const message = textFor(4000);

/** What a job asks for. */
export const jobSchema = strictObject({
  protocol: v.literal(PROTOCOL_VERSION),
  population: v.pipe(v.string(), v.uuid()),
  index: netNumber,
  seed: uint32,
  recipe: recipeIdentity,
  config: anyJson,
});
export type NetJob = v.InferOutput<typeof jobSchema>;

/** Where a blob is. */
export const blobSchema = v.pipe(
  strictObject({
    id: v.pipe(v.string(), v.uuid()),
    chunks: wholeNumber,
    bytes: v.pipe(wholeNumber, v.maxValue(LARGEST_BLOB_BYTES)),
    sha256,
    /** Steps that a checkpoint holds; 0 for a result. */
    step: v.pipe(finiteNumber, v.minValue(0)),
    /** Who sent it. */
    worker: workerName,
  }),
  v.check(
    ({ chunks, bytes }) => chunks === Math.max(1, Math.ceil(bytes / CHUNK_BYTES)),
    'a number of chunks that does not fit its bytes',
  ),
);
export type BlobReference = v.InferOutput<typeof blobSchema>;

const progressSchema = v.pipe(
  mapOf(v.pipe(v.string(), v.maxLength(100)), v.nullable(v.optional(finiteNumber))),
  v.check((map) => map.size <= 64, 'more than 64 measures'),
  v.check((map) => {
    const [step, totalSteps] = [map.get('step'), map.get('totalSteps')];
    return (
      typeof step === 'number' &&
      typeof totalSteps === 'number' &&
      totalSteps >= 1 &&
      step >= 0 &&
      step <= totalSteps
    );
  }, 'steps that make no sense'),
  v.transform(
    (map) =>
      Object.fromEntries(
        [...map].map(([name, value]) => [plainText(name), value ?? undefined]),
      ) as unknown as ProgressReport,
  ),
);

const errorCode = v.pipe(
  v.string(),
  v.transform((code): PopulationErrorCode => (isPopulationErrorCode(code) ? code : 'RECIPE_FAILED')),
);
const errorKind = v.picklist(['input', 'data', 'environment', 'internal']);

/** Why a job failed, as BullMQ's `failedReason`: unlike news, it arrives whenever the failure itself does. */
export const failureSchema = strictObject({ code: errorCode, errorKind, worker: workerName, message });
export type JobFailure = v.InferOutput<typeof failureSchema>;

/** What a worker says about its job, as the job's progress. The last one stays with the job. */
export const jobNewsSchema = v.variant('kind', [
  strictObject({ kind: v.literal('started'), worker: workerName, attempt, resumed: v.boolean() }),
  strictObject({ kind: v.literal('reported'), worker: workerName, progress: progressSchema }),
  strictObject({ kind: v.literal('log'), worker: workerName, message }),
  strictObject({ kind: v.literal('interrupted'), worker: workerName, reason: message }),
  strictObject({
    kind: v.literal('failed'),
    worker: workerName,
    attempt,
    code: errorCode,
    errorKind,
    message,
    final: v.boolean(),
  }),
]);
export type JobNews = v.InferOutput<typeof jobNewsSchema>;

/** BullMQ forbids `:` in job numbers. The same net always has the same one, so it is on the queue once. */
export function jobName(population: string, index: number): string {
  return `${population}-${netName(index)}`;
}

/** The number of the net, when the job belongs to this population. */
export function indexOfJob(population: string, job: string): number | undefined {
  return job.startsWith(`${population}-`) ? netIndex(job.slice(population.length + 1)) : undefined;
}

/** The population of a job's name, when it has the form of one. */
export function populationOfJob(job: string): string | undefined {
  const population = job.slice(0, 36);
  return indexOfJob(population, job) !== undefined && v.is(v.pipe(v.string(), v.uuid()), population)
    ? population
    : undefined;
}

/** Redis keys of this package, apart from those of BullMQ. */
export function keysOf(queueName: string) {
  const root = `${queueName}:data`;
  return {
    all: `${root}:*`,
    /** Sorted set: who is connected, by when that expires. */
    present: `${root}:present`,
    /** WANTED while somebody waits for the population, CANCELLED when nobody does on purpose. */
    wanted: (population: string) => `${root}:${population}:wanted`,
    results: (population: string) => `${root}:${population}:results`,
    checkpoints: (population: string) => `${root}:${population}:checkpoints`,
    chunk: (blob: string, chunk: number) => `${root}:blob:${blob}:${chunk}`,
    /** The population that a key of ours belongs to. */
    populationOf: (key: string) => /^:([0-9a-f-]{36}):\w+$/.exec(key.slice(root.length))?.[1],
  };
}

/** Keys of a blob's parts, in order. */
export function chunkKeys(queueName: string, { id, chunks }: Pick<BlobReference, 'id' | 'chunks'>): string[] {
  const keys = keysOf(queueName);
  return Array.from({ length: chunks }, (_, chunk) => keys.chunk(id, chunk));
}

/** Stands in the results where a result was until the collector had it in the folder. */
export const COLLECTED = 'collected';
export const WANTED = 'wanted';
export const CANCELLED = 'cancelled';

/**
 * Nothing stays in Redis for ever: a population that nobody asked after for so long is no longer trained, and its results
 * and checkpoints vanish, seconds.
 */
export const POPULATION_LEASE = 7 * 24 * 3600;
/** What BullMQ keeps vanishes when nobody was connected for so long, seconds. */
export const QUEUE_LEASE = 2 * POPULATION_LEASE;
