export const queueDefaults = {
  queueName: 'mnist-population',
  connectTimeoutMs: 10_000,
  checkpointIntervalMs: 30_000,
  heartbeatTimeoutMs: 30_000,
} as const;
