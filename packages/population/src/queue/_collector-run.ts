import type { ConnectionOptions as TlsOptions } from 'node:tls';
import { Queue, QueueEvents } from 'bullmq';
import type { Redis } from 'ioredis';
import * as v from 'valibot';
import type { Claim } from '../_claim.js';
import type { NetStore } from '../_net-store.js';
import { type LedgerSettings, RunLedger } from '../_run-ledger.js';
import { verifyNet } from '../_verify-net.js';
import type { PopulationManifest } from '../manifest.js';
import { memberSeed } from '../member-seed.js';
import { openPopulation } from '../open-population.js';
import { PopulationError, type PopulationErrorCode } from '../population-error.js';
import type { PopulationSummary } from '../population-summary.js';
import type { ProgressReport } from '../recipe.js';
import { BlobStore } from './_blob-store.js';
import { unpackFolder } from './_pack-folder.js';
import { agreeOnProtocol, connectionOptions, connectQueue, isPassing } from './_queue-connection.js';
import {
  type BlobReference,
  indexOfJob,
  type JobNews,
  jobName,
  jobNewsSchema,
  type NetJob,
  PROTOCOL_VERSION,
} from './_queue-messages.js';

export interface CollectorSettings extends LedgerSettings {
  readonly queue: string;
  readonly tls: TlsOptions | undefined;
  readonly connectTimeoutMs: number;
  readonly queueName: string;
  readonly retries: number;
  readonly retryDelayMs: number;
}

/** How often to look for results, ms. */
const POLL_INTERVAL = 300;
/** How often to look whether every net is still on the queue, ms. */
const RECONCILE_INTERVAL = 3000;

/**
 * One call of enqueuePopulation. The folder is the truth, the queue only a means: whatever is neither in the folder
 * nor on the queue is put on the queue, again and again, so that nothing that Redis forgets stays forgotten.
 */
export class CollectorRun {
  private readonly ledger: RunLedger;
  /** Nets that this collector answers for; runners of the same folder leave them alone. */
  private readonly held = new Map<number, Claim>();
  /** Nets that were put on the queue, or found on it, in this run. */
  private readonly enqueued = new Set<number>();
  private lastReconcile = Number.NEGATIVE_INFINITY;
  private redis!: Redis;
  private queue!: Queue;
  private blobs!: BlobStore;

  constructor(
    private readonly manifest: PopulationManifest,
    private readonly store: NetStore,
    private readonly settings: CollectorSettings,
  ) {
    this.ledger = new RunLedger(store, settings);
  }

  finish(): Promise<PopulationSummary> {
    return this.ledger.keep(async () => {
      if (this.ledger.open.size === 0) return;
      const { settings, ledger, manifest } = this;
      const { queueName } = settings;
      this.redis = await connectQueue(settings);
      let leave = () => {};
      const connection = connectionOptions(settings);
      this.queue = new Queue(queueName, { connection });
      const events = new QueueEvents(queueName, { connection });
      // Lost connections show where they matter; without listeners they would end the process.
      this.queue.on('error', () => {});
      events.on('error', () => {});
      events.on('progress', ({ jobId, data }) => this.hear(jobId, data));
      const aborted = new Promise<void>((resolve) => {
        if (ledger.stop.signal.aborted) resolve();
        ledger.stop.signal.addEventListener('abort', () => resolve(), { once: true });
      });
      try {
        leave = await agreeOnProtocol(this.redis, queueName);
        this.blobs = new BlobStore(this.redis, queueName, manifest.id);
        // A Redis that is away makes commands wait, so an abort must not wait for them.
        await Promise.race([this.collectAll(), aborted]);
      } finally {
        leave();
        this.redis.disconnect();
        await Promise.all([...this.held.values()].map((claim) => claim.release()));
        await Promise.all([closeNow(this.queue), closeNow(events)]);
      }
    });
  }

  private async collectAll(): Promise<void> {
    const { open, stop } = this.ledger;
    while (open.size > 0 && !stop.signal.aborted) {
      try {
        await this.claimAll();
        await this.collectWaiting();
        if (performance.now() - this.lastReconcile > RECONCILE_INTERVAL) {
          await this.reconcile();
          this.lastReconcile = performance.now();
        }
      } catch (error) {
        if (stop.signal.aborted) return;
        if (!isPassing(error)) throw error;
      }
      if (open.size > 0) await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL));
    }
  }

  /** Other runners of the folder may have had nets, and may have lost them since. */
  private async claimAll(): Promise<void> {
    for (const index of [...this.ledger.open]) {
      if (await this.store.isPublished(index)) {
        await this.letGo(index);
        this.ledger.netCompleted(index, 'other', undefined);
      } else if (this.held.get(index)?.lost.aborted) {
        this.held.delete(index);
      } else if (!this.held.has(index)) {
        const claim = await this.store.claim(index);
        if (claim !== undefined) this.held.set(index, claim);
      }
    }
  }

  private async collectWaiting(): Promise<void> {
    const waiting = await this.blobs.waitingResults([...this.held.keys()]);
    for (const [index, reference] of waiting) await this.collect(index, reference);
  }

  private async collect(index: number, reference: BlobReference): Promise<void> {
    const claim = this.held.get(index)!;
    const staging = await this.store.makeStagingFolder(index, claim);
    try {
      await unpackFolder(await this.blobs.download(reference), staging);
      await verifyNet(staging, index, this.manifest).then(({ problems: [problem] }) => {
        if (problem)
          throw new PopulationError('QUEUE_DATA_DAMAGED', `The net from the queue: ${problem.message}.`);
      });
    } catch (error) {
      await this.store.dropStaging(index);
      if (!(error instanceof PopulationError) || error.code !== 'QUEUE_DATA_DAMAGED') throw error;
      // Nobody keeps another copy, so the net is trained again.
      await this.blobs.forgetResult(index, reference);
      this.enqueued.delete(index);
      await this.ledger.netFailed(index, 1, error, 0);
      return;
    }
    if (!(await claim.isHeld())) return; // The next look finds the new owner.
    const mine = await this.store.publish(index, staging);
    await this.blobs.markCollected(index, reference);
    await this.letGo(index);
    const metrics = await (await openPopulation(this.store.folder)).member(index).readMetrics();
    this.ledger.netCompleted(index, mine ? 'this run' : 'other', metrics);
  }

  private async letGo(index: number): Promise<void> {
    await this.held.get(index)?.release();
    this.held.delete(index);
  }

  /** Puts on the queue what ought to be there, and takes note of what was given up. */
  private async reconcile(): Promise<void> {
    await Promise.all([...this.held.keys()].map((index) => this.reconcileNet(index)));
  }

  private async reconcileNet(index: number): Promise<void> {
    const id = jobName(this.manifest.id, index);
    const job = await this.queue.getJob(id);
    const state = job === undefined ? 'unknown' : await job.getState();
    if (job !== undefined && state !== 'unknown') {
      if (state !== 'failed' && state !== 'completed') {
        this.enqueued.add(index);
        return;
      }
      await job.remove();
      // What failed before this call gets another chance: that is what the call is for.
      if (state === 'failed' && this.enqueued.has(index)) {
        await this.giveUp(index, job.attemptsMade, job.progress, job.failedReason);
        return;
      }
    }
    // Looked at after the job: a result comes first and the job ends afterwards.
    if ((await this.blobs.waitingResults([index])).size > 0) return;
    await this.blobs.forgetResult(index);
    await this.enqueue(index, id);
  }

  private async enqueue(index: number, id: string): Promise<void> {
    const { manifest, settings } = this;
    const data: NetJob = {
      protocol: PROTOCOL_VERSION,
      population: manifest.id,
      index,
      seed: memberSeed(manifest.seed, index),
      recipe: { ...manifest.recipe },
      config: manifest.config,
    };
    await this.queue.add('net', data, {
      jobId: id,
      attempts: settings.retries + 1,
      backoff: { type: 'exponential', delay: settings.retryDelayMs },
      removeOnComplete: true,
    });
    this.enqueued.add(index);
  }

  private async giveUp(
    index: number,
    attempts: number,
    progress: unknown,
    reason: string | undefined,
  ): Promise<void> {
    const news = v.safeParse(jobNewsSchema, progress);
    const failed = news.success && news.output.kind === 'failed' ? news.output : undefined;
    const error = new PopulationError(
      (failed?.code as PopulationErrorCode) ?? 'RECIPE_FAILED',
      failed === undefined ? (reason ?? 'no reason given') : `${failed.message} (on ${failed.worker})`,
    );
    await this.letGo(index);
    await this.ledger.netFailed(index, Math.max(1, attempts), error, undefined);
  }

  /** Reports of workers are for show; nothing depends on their arrival. */
  private hear(jobId: string, data: unknown): void {
    const index = indexOfJob(this.manifest.id, jobId);
    const parsed = v.safeParse(jobNewsSchema, data);
    if (index === undefined || !this.ledger.open.has(index) || !parsed.success) return;
    const news: JobNews = parsed.output;
    const { ledger, manifest } = this;
    if (news.kind === 'started') {
      ledger.netStarted(index, memberSeed(manifest.seed, index), news.attempt, news.resumed, news.worker);
    } else if (news.kind === 'reported') {
      const progress = news.progress as ProgressReport;
      ledger.board.netReported(index, news.worker, progress);
      ledger.emit({ type: 'reported', index, progress });
    } else if (news.kind === 'log') {
      ledger.emit({ type: 'log', index, message: news.message });
    } else if (news.kind === 'interrupted') {
      ledger.netInterrupted(index, `${news.reason} (${news.worker})`);
    } else if (!news.final) {
      const error = new PopulationError(
        news.code as PopulationErrorCode,
        `${news.message} (on ${news.worker})`,
      );
      const retryInMs = this.settings.retryDelayMs * 2 ** (news.attempt - 1);
      void ledger
        .netFailed(index, news.attempt, error, retryInMs)
        .catch((failure) => ledger.stop.abort(failure));
    }
  }
}

/** Does not wait for a Redis that is away. */
async function closeNow(part: Queue | QueueEvents): Promise<void> {
  await Promise.race([part.close(), new Promise((resolve) => setTimeout(resolve, 1000))]);
  await part.disconnect().catch(() => {});
}
