import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pause } from '@mnist/kit';
import type { Job } from 'bullmq';
import type { NetWorker, TrainOutcome } from '../_net-worker.js';
import { concernsAllNets } from '../_run-errors.js';
import { isStorageError, storageError } from '../_typed-errors.js';
import { claimDevice } from '../claim-device.js';
import type { RecipeIdentity } from '../load-recipe.js';
import { PopulationError } from '../population-error.js';
import type { JsonValue, ProgressReport } from '../recipe.js';
import type { BlobStore } from './_blob-store.js';
import { packFolder, unpackFolder } from './_pack-folder.js';
import { isFull, isPassing } from './_queue-errors.js';
import type { JobNews, NetJob } from './_queue-messages.js';
import type { QueueWorkerEvent } from './queue-worker-event.js';

export interface JobRunContext {
  readonly name: string;
  readonly recipe: RecipeIdentity;
  readonly threads: number;
  readonly devices: readonly string[] | undefined;
  readonly workFolder: string;
  readonly checkpointIntervalMs: number;
  readonly heartbeatTimeoutMs: number;
  readonly stopTimeoutMs: number;
  readonly store: BlobStore;
  readonly stop: AbortSignal;
  readonly emit: (event: QueueWorkerEvent) => void;
}

export type JobOutcome =
  | { readonly kind: 'finished'; readonly accepted: boolean }
  /** Nobody wants the net any more. */
  | { readonly kind: 'dropped' }
  | { readonly kind: 'handBack' }
  | { readonly kind: 'lost'; readonly reason: string }
  /** This worker cannot train anything: its disk is full or its folder cannot be written. No fault of the net. */
  | { readonly kind: 'broken'; readonly error: PopulationError }
  | { readonly kind: 'failed'; readonly error: PopulationError; readonly final: boolean };

/** Least time between two progress reports through Redis, ms. */
const NEWS_INTERVAL = 1000;
/** Wait before a net is offered again to a Redis that would not take it, ms. */
const DELIVERY_INTERVAL = 2000;

/** One attempt at one net of the queue. */
export class JobRun {
  /** Names the folder of this attempt. */
  readonly token = randomUUID();
  /** The child process is done with the net; what is left needs Redis. */
  atRest = false;
  private readonly lost = new AbortController();
  private cancelled = false;
  private step = 0;
  private lastCheckpoint = performance.now();
  private lastNews = Number.NEGATIVE_INFINITY;
  private upload: Promise<void> | undefined;
  private news: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly job: Job<unknown, boolean>,
    private readonly task: NetJob,
    private readonly context: JobRunContext,
  ) {}

  /** Somebody else has the net now, or has delivered it, or nobody wants it: stop without handing it back. */
  lose(reason: string): void {
    this.lost.abort(reason);
  }

  async train(worker: NetWorker): Promise<JobOutcome> {
    try {
      return await this.attempt(worker);
    } catch (error) {
      const { index, population } = this.task;
      if (isStorageError(error)) return { kind: 'broken', error: storageError(error) };
      if (error instanceof PopulationError) {
        // Larger than the queue takes: it would be so again.
        this.context.emit({ type: 'failed', population, index, error });
        await this.tellFailure(error, this.job.attemptsMade + 1, true);
        return { kind: 'failed', error, final: true };
      }
      throw error;
    } finally {
      this.atRest = true;
    }
  }

  private async attempt(worker: NetWorker): Promise<JobOutcome> {
    const { task, context, job } = this;
    const { store, emit, stop } = context;
    const { index, population } = task;
    const standing = await store.standing(index);
    if (standing === 'arrived') return { kind: 'finished', accepted: false };
    if (standing !== 'open') {
      const reason =
        standing === 'cancelled' ? 'the population was cancelled' : 'nobody has asked for it for days';
      emit({ type: 'interrupted', population, index, reason });
      return { kind: 'dropped' };
    }
    const workFolder = join(context.workFolder, this.token, 'work');
    const outputFolder = join(context.workFolder, this.token, 'output');
    await mkdir(workFolder, { recursive: true });
    await mkdir(outputFolder, { recursive: true });
    const attempt = job.attemptsMade + 1;
    // As in the local runner: the last of several attempts distrusts the checkpoint.
    const lastAttempt = attempt >= (job.opts.attempts ?? 1);
    const fromStep = attempt > 1 && lastAttempt ? 0 : await this.fetchCheckpoint(workFolder);
    const arrival = setInterval(() => this.look(), context.heartbeatTimeoutMs / 2);
    const { devices } = context;
    const signal = AbortSignal.any([stop, this.lost.signal]);
    let outcome: TrainOutcome = { kind: 'stopped' };
    const device =
      devices && (await claimDevice({ devices, signal }).catch((error) => unlessAborted(signal, error)));
    if (devices === undefined || device !== undefined) {
      emit({ type: 'started', population, index, attempt, fromStep });
      this.tell({ kind: 'started', worker: context.name, attempt, resumed: fromStep > 0 });
      outcome = await worker.train(
        {
          index,
          seed: task.seed,
          recipe: context.recipe,
          config: task.config as JsonValue,
          workFolder,
          outputFolder,
          threads: context.threads,
          device: device?.device,
          environment: { runner: 'queue', worker: context.name, resumed: fromStep > 0, attempt },
        },
        device === undefined ? signal : AbortSignal.any([signal, device.lost]),
        {
          onProgress: (progress) => this.report(progress),
          onLog: (message) => {
            emit({ type: 'log', population, index, message });
            this.tell({ kind: 'log', worker: context.name, message });
          },
          onCheckpoint: () => this.takeCheckpoint(workFolder),
        },
      );
    }
    clearInterval(arrival);
    if (device !== undefined) {
      // The process keeps memory of the device: it ends before the next one gets it.
      await worker.close();
      await device.release();
    }
    this.atRest = true;
    return await this.settle(outcome, outputFolder, attempt, lastAttempt);
  }

  private async settle(
    outcome: TrainOutcome,
    outputFolder: string,
    attempt: number,
    lastAttempt: boolean,
  ): Promise<JobOutcome> {
    const { context } = this;
    const { index, population } = this.task;
    const { name: worker, emit, store } = context;
    if (outcome.kind === 'trained') {
      const accepted = await this.deliver(await packFolder(outputFolder));
      if (accepted === undefined) return { kind: 'handBack' };
      await this.news;
      await store.dropCheckpoint(index);
      emit({ type: 'finished', population, index, accepted });
      return { kind: 'finished', accepted };
    }
    if (outcome.kind === 'failed') {
      const { error } = outcome;
      if (error.code === 'STORAGE_FAILED') return { kind: 'broken', error };
      const final = lastAttempt || error.code === 'INVALID_RESULT' || concernsAllNets(error);
      emit({ type: 'failed', population, index, error });
      await this.tellFailure(error, attempt, final);
      return { kind: 'failed', error, final };
    }
    const reason = this.lost.signal.aborted ? String(this.lost.signal.reason) : 'the worker stops';
    // The checkpoint that the recipe wrote on its way out; when Redis is away, others go on from an older one.
    await withinTime(this.upload, context.stopTimeoutMs);
    emit({ type: 'interrupted', population, index, reason });
    if (this.cancelled) return { kind: 'dropped' };
    if (this.lost.signal.aborted) return { kind: 'lost', reason };
    this.tell({ kind: 'interrupted', worker, reason });
    await withinTime(this.news, context.stopTimeoutMs);
    return { kind: 'handBack' };
  }

  /** Whether the net is still wanted, while it is in training. A Redis that does not know (it came back empty) decides nothing. */
  private look(): void {
    this.context.store.standing(this.task.index).then(
      (standing) => {
        if (standing === 'arrived') this.lose('the net has arrived from another worker');
        if (standing !== 'cancelled') return;
        this.cancelled = true;
        this.lose('the population was cancelled');
      },
      () => {},
    );
  }

  /**
   * A Redis that is full or busy must not cost a trained net. Undefined when the worker has to stop meanwhile.
   * @throws PopulationError `QUEUE_TOO_SMALL` when waiting would be in vain
   */
  private async deliver(data: Buffer): Promise<boolean | undefined> {
    const { store, name, stop, emit } = this.context;
    const { index, population } = this.task;
    for (;;) {
      try {
        return await store.offerResult(index, data, name);
      } catch (error) {
        if (!isPassing(error) || stop.aborted) throw error;
        if (isFull(error) && !(await store.hasRoomAtAll(data.length))) {
          throw new PopulationError(
            'QUEUE_TOO_SMALL',
            `A net of ${data.length} bytes is more than this Redis may hold (maxmemory). Raise maxmemory, or train on ` +
              'one machine (trainPopulation).',
          );
        }
        const message = `the net cannot be delivered yet: ${(error as Error).message}`;
        emit({ type: 'log', population, index, message });
        if (isFull(error)) emit({ type: 'queueFull', message });
        await pause(DELIVERY_INTERVAL, stop).catch(() => {});
        if (stop.aborted) return undefined;
      }
    }
  }

  /** A checkpoint that cannot be unpacked costs time, no more. */
  private async fetchCheckpoint(workFolder: string): Promise<number> {
    const { store, emit } = this.context;
    const { index, population } = this.task;
    const checkpoint = await store.loadCheckpoint(index);
    if (checkpoint === undefined) return 0;
    try {
      await unpackFolder(checkpoint.data, workFolder);
    } catch (error) {
      if (!(error instanceof PopulationError)) throw error;
      emit({ type: 'log', population, index, message: `the checkpoint is set aside: ${error.message}` });
      await store.dropCheckpoint(index);
      await rm(workFolder, { recursive: true, force: true });
      await mkdir(workFolder, { recursive: true });
      return 0;
    }
    this.step = checkpoint.step;
    return checkpoint.step;
  }

  /** The recipe waits while the files are read, not while they travel. */
  private async takeCheckpoint(workFolder: string): Promise<void> {
    const { context } = this;
    const due = performance.now() - this.lastCheckpoint >= context.checkpointIntervalMs;
    const stopping = context.stop.aborted || this.lost.signal.aborted;
    if (!stopping && (!due || this.upload !== undefined)) return;
    this.lastCheckpoint = performance.now();
    const data = await packFolder(workFolder).catch((error) => this.tellLostCheckpoint(error));
    if (data === undefined) return;
    const upload = this.sendCheckpoint(data, this.step, this.upload).finally(() => {
      if (this.upload === upload) this.upload = undefined;
    });
    this.upload = upload;
  }

  /** Never rejects: a checkpoint that does not arrive costs time, no more. */
  private async sendCheckpoint(
    data: Buffer,
    step: number,
    earlier: Promise<void> | undefined,
  ): Promise<void> {
    const { name, store, emit } = this.context;
    const { index, population } = this.task;
    await earlier;
    try {
      await store.saveCheckpoint(index, data, name, step);
      emit({ type: 'checkpointSaved', population, index, step, bytes: data.length });
    } catch (error) {
      this.tellLostCheckpoint(error);
    }
  }

  private tellLostCheckpoint(error: unknown): undefined {
    const { index, population } = this.task;
    const message = `the checkpoint of step ${this.step} did not reach Redis: ${(error as Error).message}`;
    this.context.emit({ type: 'log', population, index, message });
    if (isFull(error)) this.context.emit({ type: 'queueFull', message });
  }

  private report(progress: ProgressReport): void {
    const { index, population } = this.task;
    this.step = progress.step;
    this.context.emit({ type: 'reported', population, index, progress });
    const now = performance.now();
    if (now - this.lastNews < NEWS_INTERVAL && progress.step < progress.totalSteps) return;
    this.lastNews = now;
    this.tell({ kind: 'reported', worker: this.context.name, progress });
  }

  private async tellFailure(error: PopulationError, attempt: number, final: boolean): Promise<void> {
    const { code, kind: errorKind, message } = error;
    this.tell({ kind: 'failed', worker: this.context.name, attempt, code, errorKind, message, final });
    await withinTime(this.news, this.context.stopTimeoutMs);
  }

  /** In order. While Redis is away, reports wait; what cannot be told is no reason to stop. */
  private tell(news: JobNews): void {
    this.news = this.news.then(() => this.job.updateProgress(news)).catch(() => {});
  }
}

function unlessAborted(signal: AbortSignal, error: unknown): undefined {
  if (!signal.aborted) throw error;
}

async function withinTime(promise: Promise<unknown> | undefined, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([promise, new Promise((resolve) => (timer = setTimeout(resolve, ms)))]);
  clearTimeout(timer);
}
