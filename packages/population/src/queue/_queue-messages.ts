import * as v from 'valibot';
import { netName } from '../_layout.js';
import { anyJson, recipeIdentity, sha256, uint32, wholeNumber } from '../_read-json-file.js';

/** Changes with every change to what travels through Redis. */
export const PROTOCOL_VERSION = 1;

/** What a job asks for. */
export const jobSchema = v.strictObject({
  protocol: v.literal(PROTOCOL_VERSION),
  population: v.pipe(v.string(), v.uuid()),
  index: wholeNumber,
  seed: uint32,
  recipe: recipeIdentity,
  config: anyJson,
});
export type NetJob = v.InferOutput<typeof jobSchema>;

/** Where a blob is. */
export const blobSchema = v.strictObject({
  id: v.string(),
  chunks: wholeNumber,
  bytes: wholeNumber,
  sha256,
  /** Steps that a checkpoint holds; 0 for a result. */
  step: v.number(),
  /** Who sent it. */
  worker: v.string(),
});
export type BlobReference = v.InferOutput<typeof blobSchema>;

/** What a worker says about its job, as the job's progress. The last one stays with the job. */
export const jobNewsSchema = v.variant('kind', [
  v.strictObject({
    kind: v.literal('started'),
    worker: v.string(),
    attempt: wholeNumber,
    resumed: v.boolean(),
  }),
  v.strictObject({
    kind: v.literal('reported'),
    worker: v.string(),
    progress: v.objectWithRest(
      { step: v.number(), totalSteps: v.number() },
      v.optional(v.nullable(v.number())),
    ),
  }),
  v.strictObject({ kind: v.literal('log'), worker: v.string(), message: v.string() }),
  v.strictObject({ kind: v.literal('interrupted'), worker: v.string(), reason: v.string() }),
  v.strictObject({
    kind: v.literal('failed'),
    worker: v.string(),
    attempt: wholeNumber,
    code: v.string(),
    message: v.string(),
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
  return job.startsWith(`${population}-`) ? Number(job.slice(population.length + 1)) : undefined;
}

/** Redis keys of this package, apart from those of BullMQ. */
export function keysOf(queueName: string) {
  const root = `${queueName}:data`;
  return {
    protocol: `${root}:protocol`,
    results: (population: string) => `${root}:${population}:results`,
    checkpoints: (population: string) => `${root}:${population}:checkpoints`,
    chunk: (blob: string, chunk: number) => `${root}:blob:${blob}:${chunk}`,
  };
}

/** Stands in the results where a result was until the collector had it in the folder. */
export const COLLECTED = 'collected';
