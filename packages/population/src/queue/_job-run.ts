import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Job } from 'bullmq';
import type { NetWorker, TrainOutcome } from '../_net-worker.js';
import type { RecipeIdentity } from '../load-recipe.js';
import type { PopulationError } from '../population-error.js';
import type { JsonValue, ProgressReport } from '../recipe.js';
import type { BlobStore } from './_blob-store.js';
import { packFolder, unpackFolder } from './_pack-folder.js';
import { isPassing } from './_queue-connection.js';
import type { JobNews, NetJob } from './_queue-messages.js';
import type { QueueWorkerEvent } from './queue-worker-event.js';

export interface JobRunContext {
  readonly name: string;
  readonly recipe: RecipeIdentity;
  readonly threads: number;
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
  | { readonly kind: 'handBack' }
  | { readonly kind: 'lost'; readonly reason: string }
  | { readonly kind: 'failed'; readonly error: PopulationError; readonly final: boolean };

/** Least time between two progress reports through Redis, ms. */
const NEWS_INTERVAL = 1000;
/** Wait before a net is offered again to a Redis that would not take it, ms. */
const DELIVERY_INTERVAL = 2000;

/** One attempt at one net of the queue. */
export class JobRun {
  /** Names the folder of this attempt. */
  readonly token = randomUUID();
  private readonly lost = new AbortController();
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

  /** Somebody else has the net now, or has delivered it: stop without handing it back. */
  lose(reason: string): void {
    this.lost.abort(reason);
  }

  async train(worker: NetWorker): Promise<JobOutcome> {
    const { task, context, job } = this;
    const { store, emit } = context;
    const { index, population } = task;
    if (await store.hasResult(index)) return { kind: 'finished', accepted: false };
    const workFolder = join(context.workFolder, this.token, 'work');
    const outputFolder = join(context.workFolder, this.token, 'output');
    await mkdir(workFolder, { recursive: true });
    await mkdir(outputFolder, { recursive: true });
    const attempt = job.attemptsMade + 1;
    // As in the local runner: the last of several attempts distrusts the checkpoint.
    const lastAttempt = attempt >= (job.opts.attempts ?? 1);
    const fromStep = attempt > 1 && lastAttempt ? 0 : await this.fetchCheckpoint(workFolder);
    emit({ type: 'started', population, index, attempt, fromStep });
    this.tell({ kind: 'started', worker: context.name, attempt, resumed: fromStep > 0 });
    const arrival = setInterval(() => {
      store.hasResult(index).then(
        (arrived) => arrived && this.lose('the net has arrived from another worker'),
        () => {},
      );
    }, context.heartbeatTimeoutMs / 2);
    const outcome = await worker.train(
      {
        index,
        seed: task.seed,
        recipe: context.recipe,
        config: task.config as JsonValue,
        workFolder,
        outputFolder,
        threads: context.threads,
        environment: { runner: 'queue', worker: context.name, resumed: fromStep > 0, attempt },
      },
      AbortSignal.any([context.stop, this.lost.signal]),
      {
        onProgress: (progress) => this.report(progress),
        onLog: (message) => {
          emit({ type: 'log', population, index, message });
          this.tell({ kind: 'log', worker: context.name, message });
        },
        onCheckpoint: () => this.takeCheckpoint(workFolder),
      },
    );
    clearInterval(arrival);
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
      const final = lastAttempt || error.code === 'INVALID_RESULT' || error.code === 'INVALID_RECIPE';
      emit({ type: 'failed', population, index, error });
      this.tell({ kind: 'failed', worker, attempt, code: error.code, message: error.message, final });
      await this.news;
      return { kind: 'failed', error, final };
    }
    const reason = this.lost.signal.aborted ? String(this.lost.signal.reason) : 'the worker stops';
    // The checkpoint that the recipe wrote on its way out; when Redis is away, others go on from an older one.
    await withinTime(this.upload, context.stopTimeoutMs);
    emit({ type: 'interrupted', population, index, reason });
    if (this.lost.signal.aborted) return { kind: 'lost', reason };
    this.tell({ kind: 'interrupted', worker, reason });
    await withinTime(this.news, context.stopTimeoutMs);
    return { kind: 'handBack' };
  }

  /** A Redis that is full or busy must not cost a trained net. Undefined when the worker has to stop meanwhile. */
  private async deliver(data: Buffer): Promise<boolean | undefined> {
    const { store, name, stop, emit } = this.context;
    const { index, population } = this.task;
    for (;;) {
      try {
        return await store.offerResult(index, data, name);
      } catch (error) {
        if (!isPassing(error) || stop.aborted) throw error;
        const message = `the net cannot be delivered yet: ${(error as Error).message}`;
        emit({ type: 'log', population, index, message });
        await sleep(DELIVERY_INTERVAL, undefined, { signal: stop }).catch(() => {});
        if (stop.aborted) return undefined;
      }
    }
  }

  private async fetchCheckpoint(workFolder: string): Promise<number> {
    const checkpoint = await this.context.store.loadCheckpoint(this.task.index);
    if (checkpoint === undefined) return 0;
    await unpackFolder(checkpoint.data, workFolder);
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
    const data = await packFolder(workFolder);
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
      const message = `the checkpoint of step ${step} did not reach Redis: ${(error as Error).message}`;
      emit({ type: 'log', population, index, message });
    }
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

  /** In order. While Redis is away, reports wait; what cannot be told is no reason to stop. */
  private tell(news: JobNews): void {
    this.news = this.news.then(() => this.job.updateProgress(news)).catch(() => {});
  }
}

async function withinTime(promise: Promise<unknown> | undefined, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([promise, new Promise((resolve) => (timer = setTimeout(resolve, ms)))]);
  clearTimeout(timer);
}
