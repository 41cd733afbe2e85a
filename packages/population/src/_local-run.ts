import type { Claim } from './_claim.js';
import type { NetStore } from './_net-store.js';
import { NetWorker, type TrainOutcome } from './_net-worker.js';
import { ProgressBoard } from './_progress-board.js';
import { abortedError, damagedFailure, failedError } from './_run-errors.js';
import type { PopulationManifest } from './manifest.js';
import { memberSeed } from './member-seed.js';
import type { NetFailure, PopulationError } from './population-error.js';
import type { PopulationEvent } from './population-event.js';
import { setAside } from './set-aside.js';
import type { PopulationSummary } from './train-population.js';
import { verifyPopulation } from './verify-population.js';

export interface LocalRunSettings {
  readonly count: number;
  readonly recipe: string;
  readonly workers: number;
  readonly threads: number;
  readonly retries: number;
  readonly retryDelayMs: (attempt: number) => number;
  readonly stopTimeoutMs: number;
  readonly retrainDamaged: boolean;
  readonly signal: AbortSignal | undefined;
  readonly onEvent: (event: PopulationEvent) => void;
}

/** How often to look whether nets of other runners are done or free, ms. */
const POLL_INTERVAL = 500;

interface OpenNet {
  readonly index: number;
  attempts: number;
  /** By performance.now(); 0: now. */
  notBefore: number;
  /** A worker of this run has it. */
  busy: boolean;
}

/** One call of trainPopulation: hands nets to workers until every net is complete or given up. */
export class LocalRun {
  private readonly started = performance.now();
  private readonly open = new Map<number, OpenNet>();
  private readonly trained: number[] = [];
  private readonly byOthers: number[] = [];
  private readonly failures: NetFailure[] = [];
  /** Stops the workers: the caller's signal, or an error outside the nets. */
  private readonly stop = new AbortController();
  /** Lanes that wait for something to change. */
  private readonly sleepers = new Set<() => void>();
  private board!: ProgressBoard;
  private listenerError: { readonly error: unknown } | undefined;

  constructor(
    private readonly manifest: PopulationManifest,
    private readonly store: NetStore,
    private readonly settings: LocalRunSettings,
  ) {}

  async finish(): Promise<PopulationSummary> {
    const { count, workers, signal } = this.settings;
    const { folder } = this.store;
    const indices = Array.from({ length: count }, (_, index) => index);
    if (this.settings.retrainDamaged) await this.setDamagedAside();
    const { complete, damaged } = await this.store.survey(indices);
    await this.store.tidy(complete);
    this.board = new ProgressBoard(count, complete, this.emit);
    this.emit({ type: 'opened', folder, count, complete, damaged });
    for (const index of damaged) this.failures.push(damagedFailure(folder, index));
    for (const index of indices) {
      if (!complete.includes(index) && !damaged.includes(index)) {
        this.open.set(index, { index, attempts: 0, notBefore: 0, busy: false });
      }
    }
    this.stop.signal.addEventListener('abort', () => this.wakeLanes(), { once: true });
    const abort = () => this.stop.abort(signal?.reason);
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
    try {
      const lanes = Array.from({ length: Math.min(workers, this.open.size) }, (_, i) =>
        this.runLane(String(i + 1)),
      );
      const results = await Promise.allSettled(lanes);
      const broken = results.find((result) => result.status === 'rejected');
      if (broken !== undefined) throw broken.reason;
    } finally {
      signal?.removeEventListener('abort', abort);
      this.board.close();
    }
    if (this.listenerError !== undefined) throw this.listenerError.error;
    if (this.open.size > 0)
      throw abortedError(folder, count, this.open.size + this.failures.length, signal?.reason);
    if (this.failures.length > 0) throw failedError(folder, count, this.failures);
    const seconds = (performance.now() - this.started) / 1000;
    return { folder, count, trained: this.trained, byOthers: this.byOthers, kept: complete, seconds };
  }

  /** Events come from many places, so a listener that throws stops the run instead of breaking the place. */
  private readonly emit = (event: PopulationEvent): void => {
    try {
      this.settings.onEvent(event);
    } catch (error) {
      this.listenerError ??= { error };
      this.stop.abort(error);
    }
  };

  /** One worker process and the nets it gets. */
  private async runLane(name: string): Promise<void> {
    const worker = new NetWorker(this.settings.recipe, this.settings.stopTimeoutMs);
    try {
      while (this.open.size > 0 && !this.stop.signal.aborted) {
        if (!(await this.runNext(worker, name))) await this.pause();
      }
    } catch (error) {
      this.stop.abort(error); // A full disk, a listener that throws: stop the other lanes in good order.
      throw error;
    } finally {
      await worker.close();
    }
  }

  /** Trains the first net that is free. False when there is none at present. */
  private async runNext(worker: NetWorker, name: string): Promise<boolean> {
    for (const net of [...this.open.values()]) {
      if (net.busy || net.notBefore > performance.now() || this.stop.signal.aborted) continue;
      net.busy = true;
      try {
        if (await this.store.isPublished(net.index)) {
          this.completed(net.index, 'other', undefined);
          continue;
        }
        const claim = await this.store.claim(net.index);
        if (claim === undefined) continue;
        try {
          // It may have been published between the two looks.
          if (await this.store.isPublished(net.index)) this.completed(net.index, 'other', undefined);
          else await this.trainNet(net, claim, worker, name);
        } finally {
          await claim.release();
        }
        return true;
      } finally {
        net.busy = false;
        this.wakeLanes();
      }
    }
    return false;
  }

  private async trainNet(net: OpenNet, claim: Claim, worker: NetWorker, name: string): Promise<void> {
    const { store, manifest, settings } = this;
    const { index } = net;
    net.attempts += 1;
    const fresh = net.attempts > 1 && net.attempts === settings.retries + 1;
    const work = await store.adoptWorkFolder(index, claim, fresh);
    const outputFolder = await store.makeStagingFolder(index, claim);
    const seed = memberSeed(manifest.seed, index);
    this.board.netStarted(index, name);
    this.emit({ type: 'started', index, seed, attempt: net.attempts, resumed: work.resumed, worker: name });
    const outcome = await worker.train(
      {
        index,
        seed,
        recipe: manifest.recipe,
        config: manifest.config,
        workFolder: work.path,
        outputFolder,
        threads: settings.threads,
        environment: { runner: 'local', resumed: work.resumed, attempt: net.attempts },
      },
      AbortSignal.any([this.stop.signal, claim.lost]),
      {
        onProgress: (progress) => {
          this.board.netReported(index, name, progress);
          this.emit({ type: 'reported', index, progress });
        },
        onLog: (message) => this.emit({ type: 'log', index, message }),
        onCheckpoint: async () => {}, // It is on the disk already.
      },
    );
    await this.settle(net, claim, outputFolder, outcome);
  }

  private async settle(net: OpenNet, claim: Claim, staging: string, outcome: TrainOutcome): Promise<void> {
    const { index } = net;
    if (!(await claim.isHeld())) {
      // The new owner has cleared our folders and goes on from the checkpoint.
      this.interrupted(net, 'another runner has taken the net over');
    } else if (outcome.kind === 'trained') {
      const mine = await this.store.publish(index, staging);
      this.completed(index, mine ? 'this run' : 'other', outcome.metrics);
    } else {
      await this.store.dropStaging(index);
      if (outcome.kind === 'failed') await this.failed(net, outcome.error);
      else this.interrupted(net, 'the run stops');
    }
  }

  private completed(
    index: number,
    by: 'this run' | 'other',
    metrics: Readonly<Record<string, number>> | undefined,
  ): void {
    this.open.delete(index);
    (by === 'other' ? this.byOthers : this.trained).push(index);
    this.board.netCompleted(index);
    this.emit({ type: 'completed', index, by, metrics });
  }

  private interrupted(net: OpenNet, reason: string): void {
    net.attempts -= 1;
    this.board.netStopped(net.index, false);
    this.emit({ type: 'interrupted', index: net.index, reason });
  }

  private async failed(net: OpenNet, error: PopulationError): Promise<void> {
    const { index, attempts } = net;
    await this.store.recordFailure(index, attempts, error);
    // A recipe that is wrong from the start, or a result of the wrong shape, is wrong the next time too.
    const hopeless = error.code === 'INVALID_RECIPE' || error.code === 'INVALID_RESULT';
    const final = hopeless || attempts > this.settings.retries;
    const retryInMs = final ? undefined : this.settings.retryDelayMs(attempts);
    this.board.netStopped(index, final);
    if (final) {
      this.open.delete(index);
      this.failures.push({ index, attempts, error });
    } else {
      net.notBefore = performance.now() + retryInMs!;
    }
    this.emit({ type: 'failed', index, attempt: attempts, error, retryInMs });
  }

  /** Waits for a net of this run to end, a retry that falls due, another runner's net, or the end. */
  private async pause(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, POLL_INTERVAL * (0.5 + Math.random() * 0.5));
      this.sleepers.add(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  private wakeLanes(): void {
    for (const wake of this.sleepers) wake();
    this.sleepers.clear();
  }

  private async setDamagedAside(): Promise<void> {
    const { folder } = this.store;
    const report = await verifyPopulation(folder);
    for (const { index, ok, stored } of report.nets) {
      if (ok || !stored) continue;
      const path = await setAside(folder, index);
      this.emit({ type: 'setAside', index, path });
    }
  }
}
