export const runDefaults = {
  threads: 1,
  retries: 2,
  retryDelayMs: (attempt: number) => 1000 * 4 ** (attempt - 1),
  stopTimeoutMs: 30_000,
  claimTimeoutMs: 60_000,
} as const;
