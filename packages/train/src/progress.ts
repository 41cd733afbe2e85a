import { formatDuration } from '@mnist/kit';
import { TrainError } from './train-error.js';

/** The part of `process.stderr` that progress is written to. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  /** Width of the terminal; 0 and undefined count as 80. */
  readonly columns?: number;
  write(text: string): unknown;
}

export interface ProgressOptions {
  /** Stands before the bar. */
  readonly label: string;
  /** Units in all; the time left follows from it. */
  readonly total: number;
  /** Default `process.stderr`. A terminal gets a bar, anything else plain lines. */
  readonly stream?: ProgressStream;
  /**
   * Milliseconds between two plain lines. Default 10,000. The first comes with the first update that is a second after the start,
   * or this interval where it is shorter.
   */
  readonly plainInterval?: number;
  /** Whether to work out the time left from the units. Default true. */
  readonly estimate?: boolean;
  /** Milliseconds of a monotonic clock. Default `performance.now`. */
  readonly now?: () => number;
}

/** One thing that takes a while. */
export interface Progress {
  /**
   * @param done units done so far
   * @param note short text behind the bar; a function is asked only when something is drawn
   * @param remaining milliseconds to the end, where the caller knows better than the units
   */
  update(done: number, note?: string | (() => string), remaining?: number): void;
  /** Replaces the bar by a closing line that ends in the time it took. */
  finish(note?: string): void;
  /** Prints a line without tearing the bar. */
  log(line: string): void;
}

const barWidth = 20;
const redrawInterval = 100;
/** Milliseconds from the start: what is over sooner needs no line but the closing one. */
const firstPlainLine = 1000;
const clearLine = '\r\u001b[2K';

/** Starts a progress display: one line that is redrawn on a terminal, occasional plain lines elsewhere. */
export function startProgress(options: ProgressOptions): Progress {
  const { label, total, plainInterval = 10_000, estimate = true, now = () => performance.now() } = options;
  const stream: ProgressStream | undefined = options.stream ?? globalThis.process?.stderr;
  if (!stream) {
    throw new TrainError('INVALID_OPTION', 'Progress needs a stream where there is no process.stderr.');
  }
  const started = now();
  let first: { readonly time: number; readonly done: number } | undefined;
  let drawn: number | undefined;
  let onScreen = false;

  const clear = () => {
    if (onScreen) stream.write(clearLine);
    onScreen = false;
  };
  /** From the first update on: what comes before it is start-up. */
  const remainingOf = (done: number): number | undefined => {
    if (!estimate || !first || done <= first.done) return undefined;
    return ((now() - first.time) / (done - first.done)) * (total - done);
  };

  return {
    update(done, note = '', remaining = remainingOf(done)) {
      const time = now();
      first ??= { time, done };
      // The first bar shows at once; the first plain line soon, so that whoever reads along sees that it runs.
      const wait = stream.isTTY ? redrawInterval : plainInterval;
      const firstWait = stream.isTTY ? 0 : Math.min(firstPlainLine, plainInterval);
      if (drawn === undefined ? time - started < firstWait : time - drawn < wait) return;
      drawn = time;
      const share = total > 0 ? Math.min(Math.max(done / total, 0), 1) : 1;
      const parts = [`${Math.floor(100 * share)} %`];
      if (remaining !== undefined) parts.push(`${formatDuration(remaining)} left`);
      const text = typeof note === 'function' ? note() : note;
      if (text) parts.push(text);
      if (!stream.isTTY) {
        stream.write(`${label && `${label}: `}${parts.join('  ')}\n`);
        return;
      }
      const full = Math.round(share * barWidth);
      const line = `${label && `${label}  `}${'█'.repeat(full)}${'░'.repeat(barWidth - full)}  ${parts.join('  ')}`;
      // A line that fills the terminal would wrap, and the next one would not overwrite it.
      stream.write(`${clearLine}${line.slice(0, Math.max((stream.columns || 80) - 1, 0))}`);
      onScreen = true;
    },
    finish(note = 'done') {
      clear();
      stream.write(`${label && `${label}: `}${note} (${formatDuration(now() - started)})\n`);
    },
    log(line) {
      clear();
      stream.write(`${line}\n`);
    },
  };
}
