import type { Claim } from './_claim.js';
import type { NetStore } from './_net-store.js';
import { NetWorker, type TrainOutcome } from './_net-worker.js';
import { concernsAllNets } from './_run-errors.js';
import { type LedgerSettings, RunLedger } from './_run-ledger.js';
import { claimDevice, type DeviceClaim } from './claim-device.js';
import { memberSeed } from './member-seed.js';
import type { PopulationSummary } from './population-summary.js';

export interface LocalRunSettings extends LedgerSettings {
  readonly recipe: string;
  readonly workers: number;
  readonly threads: number;
  readonly retries: number;
  readonly retryDelayMs: (attempt: number) => number;
  readonly stopTimeoutMs: number;
  readonly devices: readonly string[] | undefined;
}

/** How often to look whether nets of other runners are done or free, ms. */
const POLL_INTERVAL = 500;

interface Turn {
  readonly index: number;
  attempts: number;
  /** By performance.now(). */
  notBefore: number;
  /** A worker of this run has it. */
  busy: boolean;
}

/** One call of trainPopulation: hands nets to workers until every net is complete or given up. */
export class LocalRun {
  private readonly ledger: RunLedger;
  private readonly turns = new Map<number, Turn>();
  /** Lanes that wait for something to change. */
  private readonly sleepers = new Set<() => void>();

  constructor(
    private readonly store: NetStore,
    private readonly settings: LocalRunSettings,
  ) {
    this.ledger = new RunLedger(store, settings);
  }

  finish(): Promise<PopulationSummary> {
    const { open, stop } = this.ledger;
    stop.signal.addEventListener('abort', () => this.wakeLanes(), { once: true });
    return this.ledger.keep(async () => {
      const lanes = Math.min(this.settings.workers, open.size);
      const results = await Promise.allSettled(
        Array.from({ length: lanes }, (_, i) => this.runLane(String(i + 1))),
      );
      const broken = results.find((result) => result.status === 'rejected');
      if (broken !== undefined) throw broken.reason;
    });
  }

  /** One worker process and the nets it gets. */
  private async runLane(name: string): Promise<void> {
    const { open, stop } = this.ledger;
    const worker = new NetWorker(this.settings.recipe, this.settings.stopTimeoutMs);
    try {
      while (open.size > 0 && !stop.signal.aborted) {
        if (!(await this.runNext(worker, name))) await this.pause();
      }
    } catch (error) {
      stop.abort(error); // A full disk, say: stop the other lanes in good order.
      throw error;
    } finally {
      await worker.close();
    }
  }

  /** Trains the first net that is free. False when there is none at present. */
  private async runNext(worker: NetWorker, name: string): Promise<boolean> {
    for (const index of [...this.ledger.open]) {
      const turn = this.turnOf(index);
      if (turn.busy || turn.notBefore > performance.now() || this.ledger.stop.signal.aborted) continue;
      turn.busy = true;
      try {
        if (await this.foundPublished(index)) continue;
        const claim = await this.store.claim(index);
        if (claim === undefined) continue;
        try {
          // It may have been published between the two looks.
          if (await this.foundPublished(index)) continue;
          if (await this.store.publishFinished(index)) {
            this.ledger.netCompleted(index, 'this run', undefined);
          } else await this.trainNet(turn, claim, worker, name);
        } finally {
          await claim.release();
        }
        return true;
      } finally {
        turn.busy = false;
        this.wakeLanes();
      }
    }
    return false;
  }

  private async foundPublished(index: number): Promise<boolean> {
    const published = await this.store.isPublished(index);
    if (published) this.ledger.netCompleted(index, 'other', undefined);
    return published;
  }

  private async trainNet(turn: Turn, claim: Claim, worker: NetWorker, name: string): Promise<void> {
    const { devices } = this.settings;
    if (devices === undefined) return await this.trainOn(undefined, turn, claim, worker, name);
    const { signal } = this.ledger.stop;
    const device = await claimDevice({ devices, signal }).catch((error) => {
      if (!signal.aborted) throw error;
      return undefined;
    });
    if (device === undefined) return;
    try {
      await this.trainOn(device, turn, claim, worker, name);
    } finally {
      // The process keeps memory of the device: it ends before the next one gets it.
      await worker.close();
      await device.release();
    }
  }

  private async trainOn(
    device: DeviceClaim | undefined,
    turn: Turn,
    claim: Claim,
    worker: NetWorker,
    name: string,
  ): Promise<void> {
    const { store, settings, ledger } = this;
    const { manifest } = store;
    const { index } = turn;
    turn.attempts += 1;
    const fresh = turn.attempts > 1 && turn.attempts === settings.retries + 1;
    const work = await store.adoptWorkFolder(index, claim, fresh);
    const outputFolder = await store.makeStagingFolder(index, claim);
    const seed = memberSeed(manifest.seed, index);
    ledger.netStarted(index, seed, turn.attempts, work.resumed, name);
    const outcome = await worker.train(
      {
        index,
        seed,
        recipe: manifest.recipe,
        config: manifest.config,
        workFolder: work.path,
        outputFolder,
        threads: settings.threads,
        device: device?.device,
        environment: { runner: 'local', resumed: work.resumed, attempt: turn.attempts },
      },
      AbortSignal.any([ledger.stop.signal, claim.lost, ...(device === undefined ? [] : [device.lost])]),
      {
        onProgress: (progress) => {
          ledger.board.netReported(index, name, progress);
          ledger.emit({ type: 'reported', index, progress });
        },
        onLog: (message) => ledger.emit({ type: 'log', index, message }),
        onCheckpoint: async () => {}, // It is on the disk already.
      },
    );
    await this.settle(turn, claim, outputFolder, outcome);
  }

  private async settle(turn: Turn, claim: Claim, staging: string, outcome: TrainOutcome): Promise<void> {
    const { ledger, store, settings } = this;
    const { index } = turn;
    if (!(await claim.isHeld())) {
      // The new owner has cleared our folders and goes on from the checkpoint.
      turn.attempts -= 1;
      ledger.netInterrupted(index, 'another runner has taken the net over');
      return;
    }
    if (outcome.kind === 'trained') {
      const mine = await store.publish(index, staging);
      ledger.netCompleted(index, mine ? 'this run' : 'other', outcome.metrics);
      return;
    }
    await store.dropStaging(index);
    if (outcome.kind === 'stopped') {
      turn.attempts -= 1;
      ledger.netInterrupted(index, 'the run stops');
      return;
    }
    const { error } = outcome;
    if (concernsAllNets(error)) {
      await ledger.halt(index, turn.attempts, error);
      return;
    }
    // A result of the wrong shape is wrong the next time too.
    const final = error.code === 'INVALID_RESULT' || turn.attempts > settings.retries;
    const retryInMs = final ? undefined : settings.retryDelayMs(turn.attempts);
    turn.notBefore = performance.now() + (retryInMs ?? 0);
    await ledger.netFailed(index, turn.attempts, error, retryInMs);
  }

  private turnOf(index: number): Turn {
    let turn = this.turns.get(index);
    if (turn === undefined) {
      turn = { index, attempts: 0, notBefore: 0, busy: false };
      this.turns.set(index, turn);
    }
    return turn;
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
}
