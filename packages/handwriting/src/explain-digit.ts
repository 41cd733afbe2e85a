import { readOptions } from './_options.js';
import type { Plane } from './_plane.js';
import type { Picture } from './picture.js';
import { type PreparedDigits, prepare } from './prepare-digit.js';
import type { PrepareOptions } from './prepare-options.js';

/** The picture after one step, grey, for drawing. */
export interface ExplainedStep {
  readonly name: 'light' | 'paper' | 'contrast' | 'threshold' | 'without-lines' | 'digits' | 'prepared';
  /** One sentence for a caption. */
  readonly caption: string;
  readonly width: number;
  readonly height: number;
  /** uint8, [height, width]. */
  readonly data: Uint8Array;
}

/**
 * What `prepareDigits` does, step by step, each as a grey picture. A picture that already has the data set's form has only
 * the last step.
 * @throws HandwritingError INVALID_PICTURE, INVALID_OPTION, TOO_SMALL
 */
export function explainDigit(
  picture: Picture,
  options: PrepareOptions = {},
): PreparedDigits & { readonly steps: readonly ExplainedStep[] } {
  const { result, light, found, digitMask } = prepare(picture, readOptions('explainDigit', options));
  const steps: ExplainedStep[] = [];
  const add = (
    name: ExplainedStep['name'],
    caption: string,
    size: { width: number; height: number },
    read: (i: number) => number,
  ) => {
    const data = new Uint8Array(size.width * size.height);
    for (let i = 0; i < data.length; i++) data[i] = Math.round(255 * Math.min(1, Math.max(0, read(i))));
    steps.push({ name, caption, width: size.width, height: size.height, data });
  };
  if (light && found && digitMask) {
    const { paper, contrast } = found.ink;
    const planes = light.planes as readonly Plane[];
    add(
      'light',
      'The picture at working size, smoothed',
      paper,
      (i) => planes.reduce((sum, { data }) => sum + data[i]!, 0) / planes.length,
    );
    add('paper', 'The paper: whatever is wider than a stroke', paper, (i) => paper.data[i]!);
    add(
      'contrast',
      `Contrast with the paper: the ink is ${found.polarity}`,
      contrast,
      (i) => contrast.data[i]!,
    );
    add('threshold', 'What stands out from its neighbourhood', contrast, (i) => found.thresholded.data[i]!);
    add(
      'without-lines',
      found.lines === 0 ? 'No lines of the paper found' : `${found.lines} lines of the paper removed`,
      contrast,
      (i) => found.withoutLines.data[i]!,
    );
    add(
      'digits',
      result.digits.length === 0
        ? 'Nothing that looks like a digit'
        : `Kept: ${result.digits.length === 1 ? 'the digit' : `${result.digits.length} digits`}; the rest dropped`,
      contrast,
      (i) => digitMask.data[i]!,
    );
  }
  for (const { image, alreadyPrepared } of result.digits) {
    const [height, width] = image.shape as [number, number];
    add(
      'prepared',
      alreadyPrepared ? 'Already in the form of the data set' : 'In the form of the data set',
      { width, height },
      (i) => image.data[i]! / 255,
    );
  }
  return { ...result, steps };
}
