import type { ConnectionOptions as TlsOptions } from 'node:tls';

/** Where the queue is. */
export interface QueueAccessOptions {
  /** `redis://user:password@host:port/database`, or `rediss://...`. Default: MNIST_QUEUE_URL of the environment. */
  readonly queue?: string;
  /** TLS options for rediss://. */
  readonly tls?: TlsOptions;
  /** Default 'mnist-population'. */
  readonly queueName?: string;
  /** How long to wait for Redis at the start, ms. Default 10,000. */
  readonly connectTimeoutMs?: number;
  /** Rejects with its reason. */
  readonly signal?: AbortSignal;
}

/** What was taken off a queue. */
export interface QueueRemoval {
  /** Nets that were waiting or in training. */
  readonly jobs: number;
  /** Trained nets that nobody had collected. */
  readonly results: number;
  readonly checkpoints: number;
}
