import { hostname } from 'node:os';
import { type Job, Queue, QueueEvents } from 'bullmq';
import * as v from 'valibot';
import type { Claim } from '../_claim.js';
import type { NetStore } from '../_net-store.js';
import { plainText } from '../_plain-text.js';
import { parseJson } from '../_read-json-file.js';
import { concernsAllNets } from '../_run-errors.js';
import { type LedgerSettings, RunLedger } from '../_run-ledger.js';
import { verifyNet } from '../_verify-net.js';
import { memberSeed } from '../member-seed.js';
import { PopulationError } from '../population-error.js';
import { PopulationMember } from '../population-member.js';
import type { PopulationSummary } from '../population-summary.js';
import { BlobStore, type WaitingResult } from './_blob-store.js';
import { dropJob, dropJobs } from './_drop-jobs.js';
import { unpackFolder } from './_pack-folder.js';
import { QueueConnections } from './_queue-connection.js';
import { isFull, isPassing, isWrongType, toQueueError } from './_queue-errors.js';
import {
  failureSchema,
  indexOfJob,
  type JobNews,
  jobName,
  jobNewsSchema,
  type NetJob,
  PROTOCOL_VERSION,
  QUEUE_LEASE,
} from './_queue-messages.js';
import { QueuePresence } from './_queue-presence.js';
import type { QueueTls } from './queue-access.js';

export interface CollectorSettings extends LedgerSettings {
  readonly queue: string;
  readonly tls: QueueTls | undefined;
  readonly connectTimeoutMs: number;
  readonly queueName: string;
  readonly retries: number;
  readonly retryDelayMs: number;
}

/** How often to look for results, ms. */
const POLL_INTERVAL = 300;
/** How often to look whether every net is still on the queue, ms. */
const RECONCILE_INTERVAL = 3000;
/** How long the work at hand may take to come to rest after an abort, ms. A Redis that is away would take for ever. */
const FAREWELL = 2000;
/** Events that BullMQ keeps: they are for show, and this collector reads them as they come. */
const MOST_EVENTS = 1000;
const LONGEST_RETRY_DELAY = 24 * 3600 * 1000;

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
  /** How often the result of a net was of no use: a worker that only sends rubbish must not keep us for ever. */
  private readonly damages = new Map<number, number>();
  private lastReconcile = Number.NEGATIVE_INFINITY;
  private full = false;
  private connections!: QueueConnections;
  private queue!: Queue;
  private blobs!: BlobStore;

  constructor(
    private readonly store: NetStore,
    private readonly settings: CollectorSettings,
  ) {
    this.ledger = new RunLedger(store, settings);
  }

  finish(): Promise<PopulationSummary> {
    return this.ledger.keep(async () => {
      if (this.ledger.open.size === 0) return;
      const { settings, ledger, store } = this;
      const { queueName } = settings;
      const { stop } = ledger;
      const connections = await QueueConnections.open({ ...settings, signal: stop.signal }).catch((error) => {
        if (!stop.signal.aborted) throw error;
        return undefined;
      });
      if (connections === undefined) return;
      this.connections = connections;
      const redis = connections.main;
      let ended = false;
      redis.on('close', () => !ended && ledger.emit({ type: 'connection', connected: false }));
      redis.on('ready', () => ledger.emit({ type: 'connection', connected: true }));
      const presence = new QueuePresence(redis, {
        queueName,
        recipe: store.manifest.recipe,
        role: 'collector',
        name: `${hostname()}-${process.pid}`,
        onConflict: (error) => this.fail(error),
        onWorkers: (names) => this.noticeWorkers(names),
      });
      this.blobs = new BlobStore(redis, queueName, store.manifest.id);
      this.queue = new Queue(queueName, {
        connection: redis,
        streams: { events: { maxLen: MOST_EVENTS } },
      });
      this.queue.on('error', () => {}); // It shows where it matters; without a listener it would end the process.
      let timer: NodeJS.Timeout | undefined;
      const aborted = new Promise<void>((resolve) => {
        const end = () => {
          timer = setTimeout(resolve, FAREWELL);
        };
        if (stop.signal.aborted) end();
        stop.signal.addEventListener('abort', end, { once: true });
      });
      const listening = this.listen();
      try {
        // A Redis that is away makes commands wait, so an abort must not wait for them.
        await Promise.race([this.collectAll(presence), aborted]);
      } catch (error) {
        throw toQueueError(error, queueName);
      } finally {
        ended = true;
        clearTimeout(timer);
        presence.leave(connections.connected);
        listening.end();
        await connections.close();
        await Promise.all([...this.held.values()].map((claim) => claim.release()));
      }
      if (this.fatal !== undefined) throw toQueueError(this.fatal.error, queueName);
    });
  }

  private fatal: { readonly error: unknown } | undefined;

  private fail(error: unknown): void {
    this.fatal ??= { error };
    this.ledger.stop.abort(error);
  }

  /** Reports of workers are for show: what cannot be read is skipped. */
  private listen(): { end(): void } {
    let ended = false;
    const events = new QueueEvents(this.settings.queueName, {
      connection: this.connections.main,
      autorun: false,
    });
    events.on('error', () => {});
    events.on('progress', ({ jobId, data }) => this.hear(jobId, data));
    const run = async () => {
      while (!ended) {
        await events.run().catch(() => {});
        if (!ended) await new Promise((resolve) => setTimeout(resolve, 500));
      }
    };
    void run();
    return {
      end() {
        ended = true;
        events.close().catch(() => {});
      },
    };
  }

  private async collectAll(presence: QueuePresence): Promise<void> {
    const { open, stop } = this.ledger;
    let entered = false;
    while (open.size > 0 && !stop.signal.aborted) {
      try {
        // A full Redis takes no entry, but what is collected from it makes room.
        entered ||= await this.enter(presence);
        await this.claimAll();
        await this.collectWaiting();
        if (entered && performance.now() - this.lastReconcile > RECONCILE_INTERVAL) {
          await this.reconcile();
          this.lastReconcile = performance.now();
          this.noticeFull(undefined);
        }
      } catch (error) {
        if (stop.signal.aborted) return;
        if (!isPassing(error)) throw error;
        if (isFull(error)) this.noticeFull(error as Error);
      }
      if (open.size > 0) await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL));
    }
  }

  private async enter(presence: QueuePresence): Promise<boolean> {
    try {
      await presence.enter();
      await this.blobs.want(true);
      return true;
    } catch (error) {
      if (!isFull(error)) throw error;
      this.noticeFull(error as Error);
      return false;
    }
  }

  /** Says it once, not every time. */
  private noticeFull(error: Error | undefined): void {
    const was = this.full;
    this.full = error !== undefined;
    if (error !== undefined && !was)
      this.ledger.emit({ type: 'queueFull', message: plainText(error.message, 1000) });
  }

  private noticeWorkers(names: readonly string[]): void {
    this.ledger.board.workersConnected(names.length);
    this.ledger.emit({ type: 'workers', names: names.map((name) => plainText(name, 200)) });
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

  private async collect(index: number, waiting: WaitingResult): Promise<void> {
    if (waiting instanceof PopulationError) return await this.refuseResult(index, waiting, waiting);
    const reference = waiting;
    const claim = this.held.get(index)!;
    const staging = await this.store.makeStagingFolder(index, claim);
    try {
      await unpackFolder(await this.blobs.download(reference), staging);
      await verifyNet(staging, index, this.store.manifest).then(({ problems: [problem] }) => {
        if (problem)
          throw new PopulationError('QUEUE_DATA_DAMAGED', `The net from the queue: ${problem.message}.`);
      });
    } catch (error) {
      await this.store.dropStaging(index);
      if (!(error instanceof PopulationError) || error.code !== 'QUEUE_DATA_DAMAGED') throw error;
      return await this.refuseResult(index, reference, error);
    }
    if (!(await claim.isHeld())) return; // The next look finds the new owner.
    const mine = await this.store.publish(index, staging);
    await this.blobs.markCollected(index, reference);
    await this.letGo(index);
    const { folder, manifest } = this.store;
    const metrics = await (await PopulationMember.open(folder, index, manifest)).readMetrics();
    this.ledger.netCompleted(index, mine ? 'this run' : 'other', metrics);
  }

  /** Nobody keeps another copy, so the net is trained again; but not for ever. */
  private async refuseResult(index: number, result: WaitingResult, error: PopulationError): Promise<void> {
    await this.blobs.forgetResult(index, result);
    this.enqueued.delete(index);
    const times = 1 + (this.damages.get(index) ?? 0);
    this.damages.set(index, times);
    const final = times > this.settings.retries;
    if (final) await this.letGo(index);
    await this.ledger.netFailed(index, times, error, final ? undefined : 0);
  }

  private async letGo(index: number): Promise<void> {
    await this.held.get(index)?.release();
    this.held.delete(index);
  }

  /** Puts on the queue what ought to be there, and takes note of what was given up. */
  private async reconcile(): Promise<void> {
    if (!(await this.blobs.want(false))) {
      throw new PopulationError(
        'CANCELLED',
        `The population was cancelled on queue ${JSON.stringify(this.settings.queueName)} (cancelPopulation or ` +
          'purgeQueue). The nets collected so far stay in the folder; call again to train the rest.',
      );
    }
    await Promise.all([...this.held.keys()].map((index) => this.reconcileNet(index)));
  }

  /** Undefined when there is none, or when what stands in its place can only be removed. */
  private async findJob(id: string): Promise<{ job: Job; state: string } | undefined> {
    try {
      const job = await this.queue.getJob(id);
      const state = job === undefined ? 'unknown' : await job.getState();
      if (job !== undefined && state !== 'unknown') return { job, state };
      // Some remains, such as a hash that no list knows.
      if (job !== undefined) await dropJob(this.connections.main, this.settings.queueName, id);
    } catch (error) {
      if (!(error instanceof SyntaxError || error instanceof TypeError || isWrongType(error))) throw error;
      await dropJob(this.connections.main, this.settings.queueName, id);
    }
    return undefined;
  }

  private async reconcileNet(index: number): Promise<void> {
    const id = jobName(this.store.manifest.id, index);
    const found = await this.findJob(id);
    if (found !== undefined) {
      const { job, state } = found;
      if (state !== 'failed' && state !== 'completed') {
        this.enqueued.add(index);
        await this.connections.main.expire(`bull:${this.settings.queueName}:${id}`, QUEUE_LEASE);
        return;
      }
      await job.remove();
      // What failed before this call gets another chance: that is what the call is for.
      if (state === 'failed' && this.enqueued.has(index)) {
        await this.giveUp(index, job.attemptsMade, job.failedReason);
        return;
      }
    }
    // Looked at after the job: a result comes first and the job ends afterwards.
    if ((await this.blobs.waitingResults([index])).size > 0) return;
    await this.blobs.forgetResult(index);
    await this.enqueue(index, id);
  }

  private async enqueue(index: number, id: string): Promise<void> {
    const { store, settings, connections } = this;
    const { manifest } = store;
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
    await connections.main.expire(`bull:${settings.queueName}:${id}`, QUEUE_LEASE);
    this.enqueued.add(index);
  }

  private async giveUp(index: number, attempts: number, reason: unknown): Promise<void> {
    const error = failureOf(reason);
    await this.letGo(index);
    if (concernsAllNets(error)) {
      const { queueName } = this.settings;
      await this.ledger.halt(index, Math.max(1, attempts), error);
      // No worker need find out for itself.
      await dropJobs(this.connections.main, queueName, this.store.manifest.id);
      return;
    }
    await this.ledger.netFailed(index, Math.max(1, attempts), error, undefined);
  }

  /** Reports of workers are for show; nothing depends on their arrival. */
  private hear(jobId: string, data: unknown): void {
    const index = indexOfJob(this.store.manifest.id, String(jobId));
    const parsed = v.safeParse(jobNewsSchema, data);
    if (index === undefined || !this.ledger.open.has(index) || !parsed.success) return;
    const news: JobNews = parsed.output;
    const { ledger } = this;
    const { manifest } = this.store;
    if (news.kind === 'started') {
      ledger.netStarted(index, memberSeed(manifest.seed, index), news.attempt, news.resumed, news.worker);
    } else if (news.kind === 'reported') {
      const { progress } = news;
      ledger.board.netReported(index, news.worker, progress);
      ledger.emit({ type: 'reported', index, progress });
    } else if (news.kind === 'log') {
      ledger.emit({ type: 'log', index, message: news.message });
    } else if (news.kind === 'interrupted') {
      ledger.netInterrupted(index, `${news.reason} (${news.worker})`);
    } else if (!news.final) {
      const error = new PopulationError(news.code, `${news.message} (on ${news.worker})`, {
        kind: news.errorKind,
      });
      const retryInMs = Math.min(this.settings.retryDelayMs * 2 ** (news.attempt - 1), LONGEST_RETRY_DELAY);
      void ledger.netFailed(index, news.attempt, error, retryInMs).catch((failure) => this.fail(failure));
    }
  }
}

/** BullMQ has reasons of its own, in words. */
function failureOf(reason: unknown): PopulationError {
  try {
    const { code, errorKind, message, worker } = parseJson(String(reason), failureSchema);
    return new PopulationError(code, `${message} (on ${worker})`, { kind: errorKind });
  } catch {
    return new PopulationError('RECIPE_FAILED', plainText(String(reason ?? 'no reason given'), 4000));
  }
}
