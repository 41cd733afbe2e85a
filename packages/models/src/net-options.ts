import { checkInteger, checkSeed } from './_options.js';
import { ModelError } from './model-error.js';

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

/** Checks what every net takes. `smallest` is the least height and width that the net's layers leave anything of. */
export function checkNetOptions(where: string, options: Required<NetOptions>, smallest: number): void {
  checkSeed(where, options.seed);
  checkInteger(where, 'classes', options.classes, 2, 65536);
  const { inputShape } = options;
  if (!Array.isArray(inputShape) || inputShape.length !== 3) {
    throw new ModelError(
      'INVALID_OPTION',
      `${where}: inputShape is ${JSON.stringify(inputShape)}, expected [height, width, channels] such as [28, 28, 1].`,
    );
  }
  for (const [i, name] of ['height', 'width', 'channels'].entries()) {
    checkInteger(where, `inputShape's ${name}`, inputShape[i], 1, 65536);
  }
  if (inputShape[0] < smallest || inputShape[1] < smallest) {
    throw new ModelError(
      'INVALID_INPUT_SHAPE',
      `${where}: images of ${inputShape[0]}x${inputShape[1]} pixels are too small, the net needs at least ${smallest}x${smallest}.`,
    );
  }
}
