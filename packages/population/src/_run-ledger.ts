import type { NetStore } from './_net-store.js';
import { ProgressBoard } from './_progress-board.js';
import { abortedError, damagedFailure, failedError } from './_run-errors.js';
import type { NetFailure, PopulationError } from './population-error.js';
import type { PopulationEvent } from './population-event.js';
import type { PopulationSummary } from './population-summary.js';
import { setAside } from './set-aside.js';
import { verifyPopulation } from './verify-population.js';

export interface LedgerSettings {
  readonly count: number;
  readonly retrainDamaged: boolean;
  readonly signal: AbortSignal | undefined;
  readonly onEvent: (event: PopulationEvent) => void;
}

/** What a run, local or on a queue, knows of its nets: open, complete or given up; and what it tells about them. */
export class RunLedger {
  /** Nets neither complete nor given up. */
  readonly open = new Set<number>();
  /** Ends the work: the caller's signal, a listener that throws, or an error outside the nets. */
  readonly stop = new AbortController();
  board!: ProgressBoard;
  private readonly started = performance.now();
  private readonly trained: number[] = [];
  private readonly byOthers: number[] = [];
  private readonly failures: NetFailure[] = [];
  private kept: readonly number[] = [];
  private listenerError: { readonly error: unknown } | undefined;

  constructor(
    private readonly store: NetStore,
    private readonly settings: LedgerSettings,
  ) {}

  /** Looks at the folder, runs the work and draws the balance. */
  async keep(work: () => Promise<void>): Promise<PopulationSummary> {
    const { count, signal } = this.settings;
    const { folder } = this.store;
    await this.survey();
    const abort = () => this.stop.abort(signal?.reason);
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
    try {
      await work();
    } finally {
      signal?.removeEventListener('abort', abort);
      this.board.close();
    }
    if (this.listenerError !== undefined) throw this.listenerError.error;
    if (this.open.size > 0)
      throw abortedError(folder, count, this.open.size + this.failures.length, signal?.reason);
    if (this.failures.length > 0) throw failedError(folder, count, this.failures);
    const { trained, byOthers, kept } = this;
    return { folder, count, trained, byOthers, kept, seconds: (performance.now() - this.started) / 1000 };
  }

  /** Events come from many places, so a listener that throws stops the run instead of breaking the place. */
  emit(event: PopulationEvent): void {
    try {
      this.settings.onEvent(event);
    } catch (error) {
      this.listenerError ??= { error };
      this.stop.abort(error);
    }
  }

  netStarted(index: number, seed: number, attempt: number, resumed: boolean, worker: string): void {
    this.board.netStarted(index, worker);
    this.emit({ type: 'started', index, seed, attempt, resumed, worker });
  }

  netCompleted(
    index: number,
    by: 'this run' | 'other',
    metrics: Readonly<Record<string, number>> | undefined,
  ): void {
    if (!this.open.delete(index)) return;
    (by === 'other' ? this.byOthers : this.trained).push(index);
    this.board.netCompleted(index);
    this.emit({ type: 'completed', index, by, metrics });
  }

  netInterrupted(index: number, reason: string): void {
    this.board.netStopped(index, false);
    this.emit({ type: 'interrupted', index, reason });
  }

  /** `retryInMs` undefined: the net is given up. */
  async netFailed(
    index: number,
    attempt: number,
    error: PopulationError,
    retryInMs: number | undefined,
  ): Promise<void> {
    const final = retryInMs === undefined;
    await this.store.recordFailure(index, attempt, error);
    this.board.netStopped(index, final);
    if (final) {
      this.open.delete(index);
      this.failures.push({ index, attempts: attempt, error });
    }
    this.emit({ type: 'failed', index, attempt, error, retryInMs });
  }

  private async survey(): Promise<void> {
    const { store } = this;
    const { count, retrainDamaged } = this.settings;
    if (retrainDamaged) await this.setDamagedAside();
    const indices = Array.from({ length: count }, (_, index) => index);
    const { complete, damaged } = await store.survey(indices);
    await store.tidy(complete);
    this.kept = complete;
    this.board = new ProgressBoard(count, complete, (event) => this.emit(event));
    this.emit({ type: 'opened', folder: store.folder, count, complete, damaged });
    for (const index of damaged) this.failures.push(damagedFailure(store.folder, index));
    for (const index of indices) this.open.add(index);
    for (const index of [...complete, ...damaged]) this.open.delete(index);
  }

  private async setDamagedAside(): Promise<void> {
    const { folder } = this.store;
    for (const { index, ok, stored } of (await verifyPopulation(folder)).nets) {
      if (ok || !stored) continue;
      this.emit({ type: 'setAside', index, path: await setAside(folder, index) });
    }
  }
}
