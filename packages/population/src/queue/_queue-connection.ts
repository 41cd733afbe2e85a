import { Redis, type RedisOptions } from 'ioredis';
import { PopulationError } from '../population-error.js';
import { isRefusal, withoutCommand } from './_queue-errors.js';
import type { QueueTls } from './queue-access.js';

export interface QueueAddress {
  /** `redis://user:password@host:port/database` or `rediss://...` */
  readonly queue: string;
  readonly tls: QueueTls | undefined;
  readonly connectTimeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Names the Redis of a queue without showing the password of its URL to whoever looks at the list of processes. */
const QUEUE_VARIABLE = 'MNIST_QUEUE_URL';

/**
 * All connections of one run: its own, and those that BullMQ copies from it. While Redis is away commands wait for it, so
 * whoever wants to end must be able to end all of them at once, without asking BullMQ, which would wait too.
 */
export class QueueConnections {
  private readonly all = new Set<Redis>();
  readonly main: Redis;

  private constructor(url: string, options: RedisOptions) {
    this.main = this.watched(new Redis(url, { ...options, lazyConnect: true }));
  }

  /**
   * Connections of which the first has answered, and may run scripts.
   * @throws PopulationError `INVALID_OPTION`, `QUEUE_UNREACHABLE` or `QUEUE_REFUSED`; the signal's reason
   */
  static async open(address: QueueAddress): Promise<QueueConnections> {
    const { tls, connectTimeoutMs, signal } = address;
    const connections = new QueueConnections(checkedUrl(address.queue).href, {
      // Commands wait for a Redis that is away instead of failing.
      maxRetriesPerRequest: null,
      retryStrategy: (times) => Math.min(100 * times, 2000),
      // ioredis's type says Buffer where Node takes any bytes.
      ...(tls === undefined ? {} : { tls: tls as NonNullable<RedisOptions['tls']> }),
    });
    const { main } = connections;
    let lastError: Error | undefined;
    let timer: NodeJS.Timeout | undefined;
    let abort = () => {};
    const failing = new Promise<never>((_, reject) => {
      main.on('error', (error) => {
        lastError = error;
        if (isRefusal(error)) reject(error);
      });
      timer = setTimeout(() => reject(lastError ?? new Error('no answer')), connectTimeoutMs);
      abort = () => reject(signal?.reason);
      signal?.addEventListener('abort', abort, { once: true });
    });
    const attempt = async () => {
      signal?.throwIfAborted();
      await main.connect().catch((error) => {
        if (isRefusal(lastError ?? error)) throw lastError ?? error;
      });
      // Everything here rests on scripts: an account that may not run them is found out now, not by every job.
      await main.eval('return 1', 0);
    };
    try {
      await Promise.race([attempt(), failing]);
      return connections;
    } catch (cause) {
      connections.disconnect();
      if (signal?.aborted) throw signal.reason;
      throw connectionError(address, cause as Error);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      failing.catch(() => {});
    }
  }

  get connected(): boolean {
    return this.main.status === 'ready';
  }

  /** Lets Redis read what was sent, if it does so within a moment. */
  async close(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const moment = new Promise((resolve) => (timer = setTimeout(resolve, 1000)));
    if (this.connected) await Promise.race([this.main.ping().catch(() => {}), moment]);
    clearTimeout(timer);
    this.disconnect();
  }

  /** At once. Commands that still wait never get an answer. */
  disconnect(): void {
    for (const redis of this.all) redis.disconnect();
  }

  /** BullMQ makes its own connections by copying. */
  private watched(redis: Redis): Redis {
    this.all.add(redis);
    redis.on('error', () => {}); // Without a listener ioredis prints every failed attempt.
    redis.duplicate = (override) =>
      this.watched(new Redis({ ...redis.options, lazyConnect: false, ...override }));
    return redis;
  }
}

function connectionError({ queue, connectTimeoutMs }: QueueAddress, cause: Error): PopulationError {
  const where = withoutPassword(queue);
  if (isRefusal(cause)) {
    return new PopulationError(
      'QUEUE_REFUSED',
      `Redis at ${where} refuses: ${cause.message}. Check the user, the password and the database number in the ` +
        'URL (redis://user:password@host:port/0), and that the user may run commands and scripts.',
      // What the URL says is the caller's; which rights a user has is not.
      { cause: withoutCommand(cause), kind: /\bNOPERM\b/.test(cause.message) ? 'environment' : 'input' },
    );
  }
  return new PopulationError(
    'QUEUE_UNREACHABLE',
    `Redis at ${where} does not answer within ${connectTimeoutMs} ms: ${cause.message}. Check host and port, that ` +
      'the server runs, and that TLS is used where it is expected (rediss://).',
    { cause: withoutCommand(cause) },
  );
}

/**
 * The option, or else the environment's.
 * @throws PopulationError `INVALID_OPTION`
 */
export function queueUrl(option: string | undefined): string {
  const queue = option ?? process.env[QUEUE_VARIABLE];
  if (queue !== undefined && queue !== '') return checkedUrl(queue).href;
  throw new PopulationError(
    'INVALID_OPTION',
    `No queue is named. Give the option queue, or set ${QUEUE_VARIABLE}: redis://user:password@host:6379/0.`,
  );
}

function checkedUrl(queue: string): URL {
  const url = URL.canParse(queue) ? new URL(queue) : undefined;
  if (url !== undefined && ['redis:', 'rediss:'].includes(url.protocol) && url.hostname !== '') return url;
  throw new PopulationError(
    'INVALID_OPTION',
    `queue is ${withoutPassword(queue)}; expected a URL such as redis://user:password@host:6379/0, or rediss:// for ` +
      'TLS. Characters such as / @ # ? in the password must be percent-encoded (%2F %40 %23 %3F).',
  );
}

/** For texts that people and logs see. What is no URL is not shown at all: its password may stand anywhere. */
export function withoutPassword(queue: string): string {
  if (!URL.canParse(queue)) return `no URL (${queue.length} characters, not shown: they may hold a password)`;
  const { protocol, username, password, host, pathname } = new URL(queue);
  if (host === '') return `a ${protocol} URL without a host (not shown: it may hold a password)`;
  const user = username === '' && password === '' ? '' : `${username}${password === '' ? '' : ':***'}@`;
  return `${protocol}//${user}${host}${pathname}`;
}
