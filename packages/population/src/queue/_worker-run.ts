import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pause } from '@mnist/kit';
import { type Job, type JobJson, UnrecoverableError, WaitingError, Worker } from 'bullmq';
import * as v from 'valibot';
import { NetWorker } from '../_net-worker.js';
import { plainText } from '../_plain-text.js';
import { issueText } from '../_read-json-file.js';
import { isStorageError, storageError, ThrownByListener } from '../_typed-errors.js';
import { userFolder } from '../_user-folder.js';
import type { RecipeIdentity } from '../load-recipe.js';
import { PopulationError } from '../population-error.js';
import { BlobStore } from './_blob-store.js';
import { type JobOutcome, JobRun } from './_job-run.js';
import { QueueConnections, withoutPassword } from './_queue-connection.js';
import { isFull, isPassing, isRefusal, toQueueError } from './_queue-errors.js';
import { type JobFailure, jobSchema, type NetJob } from './_queue-messages.js';
import { QueuePresence } from './_queue-presence.js';
import { WorkerFolder } from './_worker-folder.js';
import type { QueueTls } from './queue-access.js';
import type { QueueWorkerEvent } from './queue-worker-event.js';
import type { QueueWorkerSummary } from './queue-worker-summary.js';

export interface WorkerRunSettings {
  readonly queue: string;
  readonly tls: QueueTls | undefined;
  readonly connectTimeoutMs: number;
  readonly queueName: string;
  readonly recipe: RecipeIdentity;
  readonly recipeHref: string;
  readonly name: string;
  readonly workers: number;
  readonly threads: number;
  readonly devices: readonly string[] | undefined;
  /** Undefined: a folder of this user in the temporary folder. */
  readonly workFolder: string | undefined;
  readonly checkpointIntervalMs: number;
  readonly heartbeatTimeoutMs: number;
  readonly claimTimeoutMs: number;
  readonly stopTimeoutMs: number;
  readonly idleTimeoutMs: number | undefined;
  readonly signal: AbortSignal | undefined;
  readonly onEvent: (event: QueueWorkerEvent) => void;
}

/** Stalls are no fault of the net: a machine that goes to sleep every night must not use up its attempts. */
const ANY_NUMBER_OF_STALLS = 1_000_000;
/** How long the last words to Redis may take at the end, ms. */
const FAREWELL = 5000;
/** The same, when Redis was away already, ms. */
const SHORT_FAREWELL = 1000;

/** BullMQ's worker, except that it survives jobs that are no JSON, and can be left without asking Redis. */
class NetQueueWorker extends Worker<unknown, boolean> {
  protected override createJob(data: JobJson, jobId: string) {
    try {
      return super.createJob(data, jobId);
    } catch {
      return super.createJob({ ...data, data: 'null', progress: 0, stacktrace: '[]' }, jobId);
    }
  }

  /** Its timers would keep the process alive. */
  async abandon(): Promise<void> {
    await this.lockManager.close();
  }
}

/** One call of runQueueWorker. */
export class WorkerRun {
  private readonly started = performance.now();
  private readonly stop = new AbortController();
  private readonly free: NetWorker[];
  private readonly running = new Map<string, JobRun>();
  private readonly counts = { accepted: 0, redundant: 0, failed: 0, interrupted: 0 };
  private connections!: QueueConnections;
  private worker!: NetQueueWorker;
  private folder!: WorkerFolder;
  /** Ends the run with an error: this worker cannot train, the queue is another's, or the listener threw. */
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
    const { signal, queueName, recipe, name } = settings;
    // Before the queue hears of this worker: one that cannot write must not get a net.
    this.folder = await WorkerFolder.open(
      settings.workFolder ?? (await userFolder('mnist-population')),
      settings.claimTimeoutMs,
    );
    const abort = () => this.stop.abort(signal?.reason);
    let idle: NodeJS.Timeout | undefined;
    let presence: QueuePresence | undefined;
    let connected = false;
    try {
      this.connections = await QueueConnections.open(settings);
      const redis = this.connections.main;
      redis.on('close', () => this.tellConnection(false));
      redis.on('ready', () => this.tellConnection(true));
      presence = new QueuePresence(redis, {
        queueName,
        recipe,
        name,
        role: 'worker',
        onConflict: (error) => this.fail(error),
      });
      if (signal?.aborted) abort();
      signal?.addEventListener('abort', abort, { once: true });
      await Promise.race([this.enter(presence), this.stopped()]);
      this.lastWork = performance.now();
      idle = setInterval(() => this.checkIdle(), 200);
      if (!this.stop.signal.aborted) await this.work();
    } catch (error) {
      if (!signal?.aborted) this.fatal ??= { error };
    } finally {
      clearInterval(idle);
      signal?.removeEventListener('abort', abort);
      this.closed = true;
      await Promise.all(this.free.map((worker) => worker.close()));
      connected = this.connections?.connected ?? false;
      presence?.leave(connected);
      // Redis reads what was sent before it closes.
      await this.connections?.close();
      await this.folder.remove();
    }
    if (this.fatal !== undefined) throw toQueueError(this.fatal.error, queueName);
    return { ...this.counts, connected, seconds: (performance.now() - this.started) / 1000 };
  }

  /** Waits for room in a full Redis. */
  private async enter(presence: QueuePresence): Promise<void> {
    const { signal } = this.stop;
    while (!signal.aborted) {
      try {
        return await presence.enter();
      } catch (error) {
        if (!isPassing(error)) throw error;
        if (isFull(error)) this.emit({ type: 'queueFull', message: (error as Error).message });
        await pause(1000, signal).catch(() => {});
      }
    }
  }

  private async work(): Promise<void> {
    const { settings, connections } = this;
    const { heartbeatTimeoutMs } = settings;
    this.worker = new NetQueueWorker(settings.queueName, (job, token) => this.process(job, token!), {
      connection: connections.main,
      name: settings.name,
      concurrency: settings.workers,
      lockDuration: heartbeatTimeoutMs,
      stalledInterval: heartbeatTimeoutMs / 2,
      maxStalledCount: ANY_NUMBER_OF_STALLS,
      runRetryDelay: 1000,
      autorun: false,
    });
    // Lost connections and locks are dealt with where they matter. A Redis that refuses will refuse every job.
    this.worker.on('error', (error) => isRefusal(error) && this.fail(error));
    this.worker.on('lockRenewalFailed', (jobs) => {
      for (const job of jobs) this.running.get(job)?.lose('the queue has given the net to another worker');
    });
    void this.worker.run().catch((error) => this.fail(error));
    this.emit({ type: 'ready', worker: settings.name, queue: withoutPassword(settings.queue) });
    await this.stopped();
    await this.closeWorker();
  }

  private stopped(): Promise<void> {
    const { signal } = this.stop;
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  }

  /**
   * Waits for the jobs to hand themselves back, but never for a Redis that is away: then they stall and are taken over.
   */
  private async closeWorker(): Promise<void> {
    const { stopTimeoutMs } = this.settings;
    let closed = false;
    const graceful = this.worker.close().then(
      () => (closed = true),
      () => (closed = true),
    );
    const deadline = performance.now() + stopTimeoutMs + FAREWELL;
    let awaySince: number | undefined;
    while (!closed && performance.now() < deadline) {
      await Promise.race([graceful, new Promise((resolve) => setTimeout(resolve, 50))]);
      const away = !this.connections.connected && [...this.running.values()].every((run) => run.atRest);
      awaySince = away ? (awaySince ?? performance.now()) : undefined;
      if (awaySince !== undefined && performance.now() - awaySince > SHORT_FAREWELL) break;
    }
    if (closed) return;
    await this.worker.abandon();
    this.counts.interrupted += this.running.size;
  }

  private async process(job: Job<unknown, boolean>, token: string): Promise<boolean> {
    this.lastWork = performance.now();
    const task = this.checkJob(job.data);
    if (task instanceof PopulationError) {
      // Whoever wrote it, it fails alone and for good: no worker can do anything with it.
      this.counts.failed += 1;
      this.emit({ type: 'refused', job: plainText(String(job.id), 100), error: task });
      throw new UnrecoverableError(this.failureText(task));
    }
    const netWorker = this.free.pop()!;
    const run = new JobRun(job, task, {
      ...this.settings,
      workFolder: this.folder.path,
      store: new BlobStore(this.connections.main, this.settings.queueName, task.population),
      stop: this.stop.signal,
      emit: (event) => this.emit(event),
    });
    this.running.set(job.id!, run);
    try {
      const outcome = await run.train(netWorker);
      this.count(outcome);
      switch (outcome.kind) {
        case 'finished':
          return outcome.accepted;
        case 'dropped':
          return false;
        case 'lost':
          throw new Error(outcome.reason); // BullMQ finds that the lock is gone.
        case 'broken':
          // First of all no further job comes in; then the net goes to somebody who can train it.
          this.fail(outcome.error);
          await job.moveToWait(token);
          throw new WaitingError();
        case 'handBack':
          await job.moveToWait(token);
          throw new WaitingError();
        case 'failed':
          // What is wrong for good is wrong the next time too.
          throw new (outcome.final ? UnrecoverableError : Error)(this.failureText(outcome.error));
      }
    } catch (error) {
      if (isRefusal(error)) this.fail(error);
      throw error;
    } finally {
      this.running.delete(job.id!);
      this.free.push(netWorker);
      this.lastWork = performance.now();
      await rm(join(this.folder.path, run.token), { recursive: true, force: true });
    }
  }

  private failureText({ code, kind: errorKind, message }: PopulationError): string {
    return JSON.stringify({ code, errorKind, worker: this.settings.name, message } satisfies JobFailure);
  }

  private checkJob(data: unknown): NetJob | PopulationError {
    const { queueName, recipe } = this.settings;
    const parsed = v.safeParse(jobSchema, data);
    if (!parsed.success) {
      return new PopulationError(
        'QUEUE_DATA_DAMAGED',
        `A job ${issueText(parsed.issues[0])}. It is refused.`,
      );
    }
    const wanted = parsed.output.recipe;
    if (wanted.name === recipe.name && wanted.version === recipe.version) return parsed.output;
    return new PopulationError(
      'RECIPE_MISMATCH',
      `A job on queue ${JSON.stringify(queueName)} asks for recipe ${wanted.name} ${wanted.version}; this worker has ` +
        `${recipe.name} ${recipe.version}. The job is refused; give each recipe a queue of its own (queueName).`,
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
    this.fatal ??= { error: isStorageError(error) ? storageError(error) : error };
    this.stop.abort(error);
  }

  private emit(event: QueueWorkerEvent): void {
    try {
      this.settings.onEvent(event);
    } catch (error) {
      this.fail(new ThrownByListener(error));
    }
  }
}
