import { type Check, integer } from '@mnist/kit';
import { check, ModelError } from './model-error.js';

/** What every net of the zoo takes. */
export interface NetOptions {
  /** Names the initial weights; any safe integer. Default 0. */
  seed?: number;
  /** [height, width, channels] of the images, in pixels. Default [28, 28, 1]. */
  inputShape?: readonly [height: number, width: number, channels: number];
  /** Number of classes, which is the number of logits; 2 to 65536. Default 10. */
  classes?: number;
}

export const netDefaults = {
  seed: 0,
  inputShape: [28, 28, 1],
  classes: 10,
} as const satisfies Required<NetOptions>;

const checks = {
  seed: integer(),
  inputShape: integers(3, 65536, '[height, width, channels] such as [28, 28, 1]'),
  classes: integer({ min: 2, max: 65536 }),
};

/**
 * Completes and checks what every net takes, and what is its own.
 *
 * @param smallest least height and width that the net's layers leave anything of, which may depend on the options
 */
export function completeNetOptions<T extends Required<NetOptions>>(
  where: string,
  given: NetOptions | undefined,
  defaults: T,
  smallest: (options: T) => number,
  ownChecks: Readonly<Record<string, Check>> = {},
): T {
  const options = check.complete<T>(where, given, defaults, { ...checks, ...ownChecks });
  const [height, width] = options.inputShape;
  const least = smallest(options);
  if (height < least || width < least) {
    throw new ModelError(
      'INVALID_INPUT_SHAPE',
      `${where}: images of ${height}x${width} pixels are too small, the net needs at least ${least}x${least}.`,
    );
  }
  return options;
}

/** So many whole numbers from 1 to `max`; `expected` says it in words. */
export function integers(count: number, max: number, expected: string): Check {
  const one = integer({ min: 1, max });
  return (value) =>
    Array.isArray(value) && value.length === count && value.every((item) => one(item) === undefined)
      ? undefined
      : `${expected}, whole numbers from 1 to ${max}`;
}
