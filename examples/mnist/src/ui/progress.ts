import { styleText } from 'node:util';
import { formatDuration } from '@mnist/kit';

/** One thing that takes a while, shown as a bar on a terminal and as occasional plain lines elsewhere. */
export interface Progress {
  /**
   * @param done units done so far
   * @param note short text behind the bar
   * @param remaining milliseconds to the end, where the caller knows better than the bar's own estimate
   */
  update(done: number, note?: string, remaining?: number): void;
  /** Replaces the bar by a closing line. */
  finish(note?: string): void;
  /** Prints a line without tearing the bar. */
  log(line: string): void;
}

export interface ProgressOptions {
  readonly label: string;
  /** Units in all; the ETA follows from it. */
  readonly total: number;
  readonly stream?: NodeJS.WriteStream;
  /** Milliseconds between plain lines when the stream is not a terminal. Default 10,000. */
  readonly plainInterval?: number;
  /** Whether to work out the time left from the units. Default true. */
  readonly estimate?: boolean;
  /** Clock in milliseconds, for tests. */
  readonly now?: () => number;
}

const barWidth = 24;

/** Starts a progress display. Nothing shows before the first update. */
export function startProgress(options: ProgressOptions): Progress {
  const {
    label,
    total,
    stream = process.stderr,
    plainInterval = 10_000,
    estimate = true,
    now = () => performance.now(),
  } = options;
  const started = now();
  let first: { time: number; done: number } | undefined;
  let lastDrawn = Number.NEGATIVE_INFINITY;
  let drawn = false;

  const clear = () => {
    if (drawn) stream.write('\r\x1b[2K');
    drawn = false;
  };
  const etaOf = (done: number) => {
    // The first units carry start-up costs, so the rate is measured from the first update on.
    if (!estimate || !first || done <= first.done) return undefined;
    return ((now() - first.time) / (done - first.done)) * (total - done);
  };

  return {
    update(done, note = '', remaining) {
      const time = now();
      first ??= { time, done };
      const interval = stream.isTTY ? 100 : plainInterval;
      if (time - lastDrawn < interval && done < total) return;
      lastDrawn = time;
      const share = total > 0 ? Math.min(1, done / total) : 1;
      const eta = remaining ?? etaOf(done);
      const tail = `${Math.floor(share * 100)} %${eta === undefined ? '' : `  ${formatDuration(eta)} left`}${note ? `  ${note}` : ''}`;
      if (stream.isTTY) {
        const full = Math.round(share * barWidth);
        const line = `  ${label}  ${'█'.repeat(full)}${'░'.repeat(barWidth - full)}  ${tail}`;
        // 0 columns: a terminal that does not know its width.
        stream.write(`\r\x1b[2K${line.slice(0, Math.max(8, (stream.columns || 80) - 1))}`);
        drawn = true;
      } else if (done > 0 && done < total) {
        stream.write(`  ${label}: ${tail}\n`);
      }
    },
    finish(note) {
      clear();
      const took = formatDuration(now() - started);
      stream.write(`  ${label}: ${note ?? 'done'} ${styleText('dim', `(${took})`, { stream })}\n`);
    },
    log(line) {
      clear();
      stream.write(`${line}\n`);
    },
  };
}

export { formatDuration };
