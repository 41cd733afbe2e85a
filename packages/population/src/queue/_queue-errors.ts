import { plainText } from '../_plain-text.js';
import { PopulationError } from '../population-error.js';

/** Redis answers but says no: the user, the password, a right. Scripts put their own words before the code. */
export function isRefusal(error: unknown): boolean {
  return /(^|\W)(NOAUTH|WRONGPASS|NOPERM)\W|^ERR (invalid password|AUTH|DB index)/.test(messageOf(error));
}

/** Redis has no room for what was sent, in memory or on its disk. */
export function isFull(error: unknown): boolean {
  return /(^|\W)(OOM|MISCONF)\W/.test(messageOf(error));
}

/** A key holds something else than this package, or BullMQ, put there. */
export function isWrongType(error: unknown): boolean {
  return /(^|\W)WRONGTYPE\W/.test(messageOf(error));
}

/** Errors of a connection that comes back, as opposed to errors of the request. */
export function isPassing(error: unknown): boolean {
  const { code = '' } = (error ?? {}) as { code?: string };
  return (
    isFull(error) ||
    /^(ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)/.test(code) ||
    /^(LOADING|READONLY|BUSY|MASTERDOWN|TRYAGAIN|NOREPLICAS|CLUSTERDOWN|UNKILLABLE)|Connection is closed|Stream isn't writeable/.test(
      messageOf(error),
    )
  );
}

/** What Redis or BullMQ threw, as an error of this package; other errors as they are. */
export function toQueueError(error: unknown, queueName: string): unknown {
  if (error instanceof PopulationError || !(error instanceof Error)) return error;
  const queue = JSON.stringify(queueName);
  if (isRefusal(error)) {
    return new PopulationError(
      'QUEUE_REFUSED',
      `Redis refuses a command for queue ${queue}: ${error.message}. The user needs +@all on the keys bull:* and ` +
        `${queueName}:*, scripts (eval, evalsha) included.`,
      { cause: withoutCommand(error) },
    );
  }
  if (isWrongType(error) || error instanceof SyntaxError) {
    return new PopulationError(
      'QUEUE_DATA_DAMAGED',
      `A key of queue ${queue} holds what does not belong there: ${error.message}. purgeQueue() empties the queue; ` +
        'what was collected stays, and the next call enqueues the rest.',
      { cause: withoutCommand(error) },
    );
  }
  if (error.name === 'ReplyError') {
    return new PopulationError(
      'QUEUE_REFUSED',
      `Redis refuses a command for queue ${queue}: ${error.message}.`,
      {
        cause: withoutCommand(error),
      },
    );
  }
  return error;
}

/**
 * A copy of an error of ioredis for `cause`. The original carries its command with all arguments: for AUTH that is the
 * password, and whoever prints an error prints its causes.
 */
export function withoutCommand(error: Error): Error {
  const copy = new Error(plainText(error.message));
  copy.name = error.name;
  const { code } = error as NodeJS.ErrnoException;
  return code === undefined ? copy : Object.assign(copy, { code });
}

function messageOf(error: unknown): string {
  return String((error as { message?: unknown } | null | undefined)?.message ?? '');
}
