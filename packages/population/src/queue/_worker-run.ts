import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConnectionOptions as TlsOptions } from 'node:tls';
import { type Job, UnrecoverableError, WaitingError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import * as v from 'valibot';
import { NetWorker } from '../_net-worker.js';
import type { RecipeIdentity } from '../load-recipe.js';
import { PopulationError } from '../population-error.js';
import { BlobStore } from './_blob-store.js';
import { type JobOutcome, JobRun } from './_job-run.js';
import {
  agreeOnProtocol,
  connectionOptions,
  connectQueue,
  protocolError,
  withoutPassword,
} from './_queue-connection.js';
import { jobSchema, type NetJob, PROTOCOL_VERSION } from './_queue-messages.js';
import type { QueueWorkerEvent } from './queue-worker-event.js';
import type { QueueWorkerSummary } from './queue-worker-summary.js';

export interface WorkerRunSettings {
  readonly queue: string;
  readonly tls: TlsOptions | undefined;
  readonly connectTimeoutMs: number;
  readonly queueName: string;
  readonly recipe: RecipeIdentity;
  readonly recipeHref: string;
  readonly name: string;
  readonly workers: number;
  readonly threads: number;
  readonly workFolder: string;
  readonly checkpointIntervalMs: number;
  readonly heartbeatTimeoutMs: number;
  readonly stopTimeoutMs: number;
  readonly idleTimeoutMs: number | undefined;
  readonly signal: AbortSignal | undefined;
  readonly onEvent: (event: QueueWorkerEvent) => void;
}

/** Stalls are no fault of the net: a machine that goes to sleep every night must not use up its attempts. */
const ANY_NUMBER_OF_STALLS = 1_000_000;

/** One call of runQueueWorker. */
export class WorkerRun {
  private readonly started = performance.now();
  private readonly stop = new AbortController();
  private readonly free: NetWorker[];
  private readonly running = new Map<string, JobRun>();
  private readonly counts = { accepted: 0, redundant: 0, failed: 0, interrupted: 0 };
  private redis!: Redis;
  private worker!: Worker<unknown, boolean>;
  /** Ends the run with an error: the queue speaks another language, or the listener threw. */
  private fatal: { readonly error: unknown } | undefined;
  private lastWork = performance.now();
  private closed = false;

  constructor(private readonly settings: WorkerRunSettings) {
    this.free = Array.from(
      { length: settings.workers },
      () => new NetWorker(settings.recipeHref, settings.stopTimeoutMs),
    );
  }

  async finish(): Promise<QueueWorkerSummary> {
    const { settings } = this;
    const { signal, queueName, heartbeatTimeoutMs } = settings;
    this.redis = await connectQueue(settings);
    let leave = () => {};
    const idle = setInterval(() => this.checkIdle(), 200);
    const abort = () => this.stop.abort(signal?.reason);
    try {
      leave = await agreeOnProtocol(this.redis, queueName);
      this.redis.on('close', () => this.tellConnection(false));
      this.redis.on('ready', () => this.tellConnection(true));
      this.worker = new Worker(queueName, (job, token) => this.process(job, token!), {
        connection: connectionOptions(settings),
        name: settings.name,
        concurrency: settings.workers,
        lockDuration: heartbeatTimeoutMs,
        stalledInterval: heartbeatTimeoutMs / 2,
        maxStalledCount: ANY_NUMBER_OF_STALLS,
        autorun: false,
      });
      // Lost connections and locks are dealt with where they matter; without a listener they would end the process.
      this.worker.on('error', () => {});
      this.worker.on('lockRenewalFailed', (jobs) => {
        for (const job of jobs) this.running.get(job)?.lose('the queue has given the net to another worker');
      });
      if (signal?.aborted) abort();
      signal?.addEventListener('abort', abort, { once: true });
      void this.worker.run().catch((error) => this.fail(error));
      this.emit({ type: 'ready', worker: settings.name, queue: withoutPassword(settings.queue) });
      if (!this.stop.signal.aborted) {
        await new Promise((resolve) => this.stop.signal.addEventListener('abort', resolve, { once: true }));
      }
      await this.closeWorker();
    } finally {
      clearInterval(idle);
      leave();
      signal?.removeEventListener('abort', abort);
      this.closed = true;
      await Promise.all(this.free.map((worker) => worker.close()));
      this.redis.disconnect();
    }
    if (this.fatal !== undefined) throw this.fatal.error;
    return { ...this.counts, seconds: (performance.now() - this.started) / 1000 };
  }

  /** Waits for the jobs to hand themselves back; when Redis is away, they stall and are taken over. */
  private async closeWorker(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const graceful = this.worker.close();
    const timeout = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), this.settings.stopTimeoutMs + 5000);
    });
    const result = await Promise.race([graceful, timeout]);
    clearTimeout(timer);
    if (result === 'late') await this.worker.disconnect().catch(() => {});
  }

  private async process(job: Job<unknown, boolean>, token: string): Promise<boolean> {
    this.lastWork = performance.now();
    const task = this.checkJob(job.data);
    if (task instanceof PopulationError) {
      // The job is somebody else's. Give it back, and leave before it comes round again.
      this.fail(task);
      await job.moveToWait(token);
      throw new WaitingError();
    }
    const netWorker = this.free.pop()!;
    const run = new JobRun(job, task, {
      ...this.settings,
      store: new BlobStore(this.redis, this.settings.queueName, task.population),
      stop: this.stop.signal,
      emit: (event) => this.emit(event),
    });
    this.running.set(job.id!, run);
    try {
      const outcome = await run.train(netWorker);
      this.count(outcome);
      if (outcome.kind === 'finished') return outcome.accepted;
      if (outcome.kind === 'handBack') {
        await job.moveToWait(token);
        throw new WaitingError();
      }
      if (outcome.kind === 'lost') throw new Error(outcome.reason); // BullMQ finds that the lock is gone.
      // A result of the wrong shape is wrong the next time too.
      if (outcome.final) throw new UnrecoverableError(outcome.error.message);
      throw outcome.error;
    } finally {
      this.running.delete(job.id!);
      this.free.push(netWorker);
      this.lastWork = performance.now();
      await rm(join(this.settings.workFolder, run.token), { recursive: true, force: true });
    }
  }

  private checkJob(data: unknown): NetJob | PopulationError {
    const { queueName, recipe } = this.settings;
    const protocol = (data as { protocol?: unknown } | null)?.protocol;
    if (protocol !== PROTOCOL_VERSION) return protocolError(queueName, protocol);
    const parsed = v.safeParse(jobSchema, data);
    if (!parsed.success) {
      return new PopulationError(
        'QUEUE_DATA_DAMAGED',
        `A job has no valid data: ${parsed.issues[0].message}.`,
      );
    }
    const wanted = parsed.output.recipe;
    if (wanted.name === recipe.name && wanted.version === recipe.version) return parsed.output;
    return new PopulationError(
      'RECIPE_MISMATCH',
      `Queue ${JSON.stringify(queueName)} asks for recipe ${wanted.name} ${wanted.version}; this worker has ` +
        `${recipe.name} ${recipe.version}. Start it with the same version of the recipe, or give each recipe a ` +
        'queue of its own (queueName).',
    );
  }

  private count(outcome: JobOutcome): void {
    if (outcome.kind === 'finished') this.counts[outcome.accepted ? 'accepted' : 'redundant'] += 1;
    else if (outcome.kind === 'failed') this.counts.failed += 1;
    else this.counts.interrupted += 1;
  }

  private checkIdle(): void {
    const { idleTimeoutMs } = this.settings;
    if (idleTimeoutMs === undefined || this.running.size > 0) return;
    if (performance.now() - this.lastWork > idleTimeoutMs) this.stop.abort(new Error('idle'));
  }

  private tellConnection(connected: boolean): void {
    if (!this.closed) this.emit({ type: 'connection', connected });
  }

  private fail(error: unknown): void {
    this.fatal ??= { error };
    this.stop.abort(error);
  }

  private emit(event: QueueWorkerEvent): void {
    try {
      this.settings.onEvent(event);
    } catch (error) {
      this.fail(error);
    }
  }
}
