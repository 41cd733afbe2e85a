import type { PopulationEvent, PopulationProgress, RunningNet } from './population-event.js';
import type { ProgressReport } from './recipe.js';

/** Least time between two 'progress' events, ms. */
const INTERVAL = 250;

/** Keeps count of a run and estimates its end. */
export class ProgressBoard {
  private readonly started = performance.now();
  private readonly running = new Map<number, RunningNet & { readonly firstFraction: number | undefined }>();
  private readonly complete: Set<number>;
  private readonly failed = new Set<number>();
  private connectedWorkers: number | undefined;
  /** Nets' worth of work that this run has seen done; what a checkpoint brought along does not count. */
  private done = 0;
  private lastEmit = Number.NEGATIVE_INFINITY;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly count: number,
    complete: readonly number[],
    private readonly emit: (event: PopulationEvent) => void,
  ) {
    this.complete = new Set(complete);
  }

  netStarted(index: number, worker: string): void {
    this.running.set(index, {
      index,
      step: 0,
      totalSteps: 1,
      loss: undefined,
      worker,
      firstFraction: undefined,
    });
    this.changed();
  }

  netReported(index: number, worker: string, { step, totalSteps, loss }: ProgressReport): void {
    const firstFraction = this.running.get(index)?.firstFraction ?? step / totalSteps;
    this.running.set(index, { index, step, totalSteps, loss, worker, firstFraction });
    this.changed();
  }

  netCompleted(index: number): void {
    if (this.complete.has(index)) return;
    this.done += 1 - (this.running.get(index)?.firstFraction ?? 0);
    this.running.delete(index);
    this.failed.delete(index);
    this.complete.add(index);
    this.changed();
  }

  netStopped(index: number, failed: boolean): void {
    const net = this.running.get(index);
    // Its work is not lost (a checkpoint keeps it), but it is counted again from where it is resumed.
    if (net !== undefined && !failed) this.done += net.step / net.totalSteps - (net.firstFraction ?? 0);
    this.running.delete(index);
    if (failed) this.failed.add(index);
    this.changed();
  }

  workersConnected(count: number): void {
    if (this.connectedWorkers === count) return;
    this.connectedWorkers = count;
    this.changed();
  }

  snapshot(): PopulationProgress {
    const running = [...this.running.values()].sort((a, b) => a.index - b.index);
    const partly = running.reduce((sum, net) => sum + net.step / net.totalSteps, 0);
    const done = running.reduce(
      (sum, net) => sum + net.step / net.totalSteps - (net.firstFraction ?? net.step / net.totalSteps),
      this.done,
    );
    const elapsedSeconds = (performance.now() - this.started) / 1000;
    const left = this.count - this.complete.size - this.failed.size - partly;
    return {
      count: this.count,
      complete: this.complete.size,
      failed: this.failed.size,
      waiting: this.count - this.complete.size - this.failed.size - running.length,
      running: running.map(({ firstFraction: _, ...net }) => net),
      fraction: this.count === 0 ? 1 : (this.complete.size + partly) / this.count,
      elapsedSeconds,
      remainingSeconds: left <= 0 ? 0 : done > 0 ? (left / done) * elapsedSeconds : undefined,
      connectedWorkers: this.connectedWorkers,
    };
  }

  /** Emits the last state. */
  close(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.emit({ type: 'progress', progress: this.snapshot() });
  }

  private changed(): void {
    if (this.timer !== undefined) return;
    const wait = Math.max(0, this.lastEmit + INTERVAL - performance.now());
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.lastEmit = performance.now();
      this.emit({ type: 'progress', progress: this.snapshot() });
    }, wait);
    this.timer.unref();
  }
}
