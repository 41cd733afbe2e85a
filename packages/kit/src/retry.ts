export interface RetryOptions {
  /** Attempts in all, at least 1. */
  readonly attempts: number;
  /** Milliseconds before the second attempt; doubled before each further one, at most `longestDelayMs`. */
  readonly firstDelayMs: number;
  readonly longestDelayMs?: number;
  /** Whether another attempt may cure this. Default: always. */
  readonly mayPass?: (error: unknown) => boolean;
  /** Called before each wait. */
  readonly onFailure?: (error: unknown, attempt: number, delayMs: number) => void;
  /** Ends the waiting: the result rejects with its reason. */
  readonly signal?: AbortSignal;
}

/**
 * Runs the operation until it succeeds, gives up or is aborted; rejects with the last error as it was thrown.
 * (p-retry wants Node 22 today, and puts fields of its own on what is thrown: a wrapper of it would be longer than this.)
 */
export async function retry<T>(
  operation: (attempt: number) => Promise<T>,
  {
    attempts,
    firstDelayMs,
    longestDelayMs = Number.POSITIVE_INFINITY,
    mayPass,
    onFailure,
    signal,
  }: RetryOptions,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    try {
      return await operation(attempt);
    } catch (error) {
      signal?.throwIfAborted();
      if (attempt >= attempts || mayPass?.(error) === false) throw error;
      const delayMs = Math.min(firstDelayMs * 2 ** (attempt - 1), longestDelayMs);
      onFailure?.(error, attempt, delayMs);
      await pause(delayMs, signal);
    }
  }
}

/** Resolves after the time; rejects with the signal's reason as soon as that is aborted. */
export function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, milliseconds);
    if (signal?.aborted) abort();
    else signal?.addEventListener('abort', abort, { once: true });
  });
}
