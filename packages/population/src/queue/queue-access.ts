/** What of Node's TLS options a queue on `rediss://` may need. Certificates and keys are in PEM. */
export interface QueueTls {
  /** Authorities to trust instead of the system's. */
  readonly ca?: string | Uint8Array | (string | Uint8Array)[];
  /** The certificate, and its key, by which Redis knows this side. */
  readonly cert?: string | Uint8Array;
  readonly key?: string | Uint8Array;
  readonly passphrase?: string;
  /** The name that Redis's certificate must bear. Default: the URL's host. */
  readonly servername?: string;
  /** false trusts anybody who answers. Default true. */
  readonly rejectUnauthorized?: boolean;
}

/** Where the queue is. */
export interface QueueAccessOptions {
  /** `redis://user:password@host:port/database`, or `rediss://...`. Default: MNIST_QUEUE_URL of the environment. */
  readonly queue?: string;
  /** TLS options for rediss://. */
  readonly tls?: QueueTls;
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
