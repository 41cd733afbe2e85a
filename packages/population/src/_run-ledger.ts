import type { NetStore } from './_net-store.js';
import { ProgressBoard } from './_progress-board.js';
import { abortedError, damagedFailure, failedError, haltedError } from './_run-errors.js';
import { ThrownByListener } from './_typed-errors.js';
import type { NetFailure, PopulationError } from './population-error.js';
import type { PopulationEvent } from './population-event.js';
import type { PopulationSummary } from './population-summary.js';
import { moveAside } from './set-aside.js';
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
  private listenerError: ThrownByListener | undefined;
  /** The failure that ended the run because it concerns every net. */
  private halting: NetFailure | undefined;

  constructor(
    private readonly store: NetStore,
    private readonly settings: LedgerSettings,
  ) {}

  /** Looks at the folder, runs the work and draws the balance. */
  async keep(work: () => Promise<void>): Promise<PopulationSummary> {
    const { count, signal } = this.settings;
    const { folder } = this.store;
    const abort = () => this.stop.abort(signal?.reason);
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
    try {
      await this.survey().catch((error) => {
        if (!this.stop.signal.aborted) throw error;
      });
      if (!this.stop.signal.aborted) await work();
    } finally {
      signal?.removeEventListener('abort', abort);
      this.board?.close();
    }
    if (this.listenerError !== undefined) throw this.listenerError;
    if (this.halting !== undefined)
      throw haltedError(folder, count, this.open.size + this.failures.length, this.halting);
    if (this.board === undefined) throw abortedError(folder, count, undefined, signal?.reason);
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
      this.listenerError ??= new ThrownByListener(error);
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

  /** Ends the run: what stopped this net would stop every other. */
  async halt(index: number, attempt: number, error: PopulationError): Promise<void> {
    this.halting ??= { index, attempts: attempt, error };
    // A disk that is full has no room for the record either; the error itself says it all.
    await this.store.recordFailure(index, attempt, error).catch(() => {});
    this.board.netStopped(index, false);
    this.emit({ type: 'failed', index, attempt, error, retryInMs: undefined });
    this.stop.abort(error);
  }

  private async survey(): Promise<void> {
    const { store } = this;
    const { count, retrainDamaged } = this.settings;
    if (retrainDamaged) await this.setDamagedAside();
    const { complete, damaged } = await store.survey(count);
    await store.tidy(complete);
    this.kept = complete;
    this.board = new ProgressBoard(count, complete, (event) => this.emit(event));
    this.emit({ type: 'opened', folder: store.folder, count, complete, damaged });
    for (const index of damaged) this.failures.push(damagedFailure(store.folder, index));
    for (let index = 0; index < count; index += 1) this.open.add(index);
    for (const index of [...complete, ...damaged]) this.open.delete(index);
  }

  private async setDamagedAside(): Promise<void> {
    const { store, stop } = this;
    const { signal } = stop;
    const { nets } = await verifyPopulation(store.folder, { signal });
    const damaged = nets.filter((net) => net.stored && !net.ok);
    // All at once: a claim from before a restart of the machine takes its time to expire.
    await Promise.all(
      damaged.map(async ({ index }) =>
        this.emit({ type: 'setAside', index, path: await moveAside(store, index, signal) }),
      ),
    );
  }
}
