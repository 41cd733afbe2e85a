import type { ConnectionOptions as TlsOptions } from 'node:tls';
import type { RedisOptions } from 'bullmq';
import { Redis } from 'ioredis';
import { PopulationError } from '../population-error.js';
import { keysOf, PROTOCOL_VERSION } from './_queue-messages.js';

export interface QueueAddress {
  /** `redis://user:password@host:port/database` or `rediss://...` */
  readonly queue: string;
  readonly tls: TlsOptions | undefined;
  readonly connectTimeoutMs: number;
}

/** Options for every connection: commands wait for a Redis that is away instead of failing. */
export function connectionOptions({ queue, tls }: QueueAddress): RedisOptions & { url: string } {
  return {
    url: checkedUrl(queue).href,
    maxRetriesPerRequest: null,
    retryStrategy: (times) => Math.min(100 * times, 2000),
    ...(tls === undefined ? {} : { tls }),
  };
}

/**
 * A connection that has answered once.
 * @throws PopulationError `INVALID_OPTION`, `QUEUE_UNREACHABLE` or `QUEUE_REFUSED`
 */
export async function connectQueue(address: QueueAddress): Promise<Redis> {
  const { url, ...options } = connectionOptions(address);
  const redis = new Redis(url, { ...options, lazyConnect: true });
  let lastError: Error | undefined;
  redis.on('error', (error) => {
    lastError = error;
  });
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(lastError ?? new Error('no answer')), address.connectTimeoutMs);
  });
  const attempt = async () => {
    await redis.connect().catch((error) => {
      if (isRefusal(lastError ?? error)) throw lastError ?? error;
    });
    await redis.ping();
  };
  const refused = new Promise<never>((_, reject) => {
    redis.on('error', (error) => isRefusal(error) && reject(error));
  });
  try {
    await Promise.race([attempt(), refused, timeout]);
    return redis;
  } catch (cause) {
    redis.disconnect();
    throw connectionError(address, cause as Error);
  } finally {
    clearTimeout(timer);
    refused.catch(() => {});
  }
}

/** Redis answers but says no. */
function isRefusal(error: Error): boolean {
  return /^(NOAUTH|WRONGPASS|NOPERM|ERR invalid password|ERR AUTH|ERR DB index)/.test(error.message);
}

function connectionError({ queue, connectTimeoutMs }: QueueAddress, cause: Error): PopulationError {
  const where = withoutPassword(queue);
  if (isRefusal(cause)) {
    return new PopulationError(
      'QUEUE_REFUSED',
      `Redis at ${where} refuses: ${cause.message}. Check the user, the password and the database number in the ` +
        'URL (redis://user:password@host:port/0).',
      { cause },
    );
  }
  return new PopulationError(
    'QUEUE_UNREACHABLE',
    `Redis at ${where} does not answer within ${connectTimeoutMs} ms: ${cause.message}. Check host and port, that ` +
      'the server runs, and that TLS is used where it is expected (rediss://).',
    { cause },
  );
}

function checkedUrl(queue: string): URL {
  const url = URL.canParse(queue) ? new URL(queue) : undefined;
  if (url !== undefined && ['redis:', 'rediss:'].includes(url.protocol) && url.hostname !== '') return url;
  throw new PopulationError(
    'INVALID_OPTION',
    `queue is ${JSON.stringify(withoutPassword(queue))}; expected a URL such as redis://user:password@host:6379/0, ` +
      'or rediss:// for TLS.',
  );
}

/** For texts that people and logs see. */
export function withoutPassword(queue: string): string {
  return queue.replace(/(:\/\/[^:@/]*):[^@/]*@/, '$1:***@');
}

/** How long a protocol version stays reserved after its last user has gone, seconds. */
const PROTOCOL_LEASE = 120;

/**
 * Reserves the queue for this version of the protocol, as long as the returned function is not called.
 * @throws PopulationError `QUEUE_PROTOCOL_MISMATCH`
 */
export async function agreeOnProtocol(redis: Redis, queueName: string): Promise<() => void> {
  const key = keysOf(queueName).protocol;
  const renew = async () => {
    await redis.set(key, String(PROTOCOL_VERSION), 'EX', PROTOCOL_LEASE, 'NX');
    const found = await redis.get(key);
    if (found !== String(PROTOCOL_VERSION)) throw protocolError(queueName, found);
    await redis.expire(key, PROTOCOL_LEASE);
  };
  await renew();
  const timer = setInterval(() => renew().catch(() => {}), (PROTOCOL_LEASE * 1000) / 4);
  timer.unref();
  return () => clearInterval(timer);
}

export function protocolError(queueName: string, found: unknown): PopulationError {
  return new PopulationError(
    'QUEUE_PROTOCOL_MISMATCH',
    `Queue ${JSON.stringify(queueName)} is in use with protocol version ${found}; this version of ` +
      `@mnist/population speaks ${PROTOCOL_VERSION}. Install the same version of the package on all machines; the ` +
      `queue is free again ${PROTOCOL_LEASE} s after the last process of the other version has ended.`,
  );
}

/** Errors of a connection that comes back, as opposed to errors of the request. */
export function isPassing(error: unknown): boolean {
  const { message = '', code = '' } = error as { message?: string; code?: string };
  return (
    /^(ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)/.test(code) ||
    /^(LOADING|READONLY|BUSY|MASTERDOWN|TRYAGAIN|OOM|UNKILLABLE)|Connection is closed|Stream isn't writeable/.test(
      message,
    )
  );
}
