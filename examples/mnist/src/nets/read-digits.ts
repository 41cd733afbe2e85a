import type { ImageTransform } from '@mnist/dataset';
import { type Probabilities, softmax, softVote } from '@mnist/ensemble';
import {
  type ExplainedStep,
  explainDigit,
  type Picture,
  type PreparedDigit,
  type PreparedDigits,
  prepareDigits,
} from '@mnist/handwriting';
import { readPicture } from '@mnist/handwriting/node';
import type { ErrorKind } from '@mnist/kit';
import ndarray from 'ndarray';
import { greyImage } from '../experiment/own-dataset.js';
import { kindOf } from '../ui/errors.js';
import { classNamesOf, normalisationOf } from './class-names.js';
import { openNet, type TrainedNets } from './find-nets.js';

/** What was seen in one file, or why nothing could be. */
export type SeenPicture =
  | { readonly file: string; readonly error: PictureFault; readonly steps?: readonly ExplainedStep[] }
  | (Pick<PreparedDigits, 'inkShare' | 'polarity' | 'lines'> & {
      readonly file: string;
      /** Things that look like a digit, of which `digits` may be only the most prominent. */
      readonly candidates: number;
      readonly digits: readonly PreparedDigit[];
      readonly steps?: readonly ExplainedStep[];
    });

interface PictureFault {
  readonly code: string;
  readonly kind: ErrorKind;
  readonly message: string;
}

/** What the committee says of one digit. */
export interface DigitAnswer {
  readonly predicted: string;
  /** Mean probability of the answer, 0 to 1. */
  readonly confidence: number;
  /** Share of the nets whose own answer it is. */
  readonly agreement: number;
  /** All classes, the most probable first. */
  readonly probabilities: readonly { readonly name: string; readonly probability: number }[];
  /** What each net says by itself. */
  readonly votes: readonly { readonly predicted: string; readonly confidence: number }[];
}

export interface SeePictureOptions {
  readonly nets: TrainedNets;
  /** All digits of a picture in reading order; otherwise the most prominent. */
  readonly each: boolean;
  /** Keeps the steps for drawing. */
  readonly explain: boolean;
}

/** Reads one file and prepares what is in it as the images that the nets were trained on. Never throws for a bad file. */
export async function seePicture(file: string, options: SeePictureOptions): Promise<SeenPicture> {
  try {
    const picture = await readPicture(file);
    const normalisation = normalisationOf(options.nets.config.dataset);
    if (normalisation === 'whole') return { file, ...wholePicture(picture) };
    const explained = options.explain ? explainDigit(picture, { normalisation }) : undefined;
    const { digits, best, inkShare, polarity, lines } =
      explained ?? prepareDigits(picture, { normalisation });
    const steps = explained?.steps;
    if (digits.length === 0) {
      return {
        file,
        steps,
        error: {
          code: 'NO_DIGIT',
          kind: 'data',
          message: `${file}: nothing found in ${picture.width} x ${picture.height} pixels that stands out from the paper as a stroke would. Write larger or darker, or move closer.`,
        },
      };
    }
    return {
      file,
      inkShare,
      polarity,
      lines,
      candidates: digits.length,
      digits: options.each ? digits : [digits[best]!],
      steps,
    };
  } catch (error) {
    const { code, message } = error as { code?: unknown; message?: unknown };
    if (typeof code !== 'string') throw error;
    const text = String(message);
    return {
      file,
      error: { code, kind: kindOf(error), message: text.startsWith(file) ? text : `${file}: ${text}` },
    };
  }
}

/** A picture for nets that were trained on the user's own pictures: as those were, the whole of it. */
function wholePicture(picture: Picture): Omit<Extract<SeenPicture, { digits: unknown }>, 'file'> {
  const { width, height, data } = greyImage(picture);
  const digit: PreparedDigit = {
    image: ndarray(data, [height, width]),
    box: { left: 0, top: 0, right: picture.width, bottom: picture.height },
    contrast: 1,
    strokeWidth: 0,
    alreadyPrepared: true,
    warnings: [],
  };
  const inkShare = data.filter((value) => value > 127).length / data.length;
  return { inkShare, polarity: 'light', lines: 0, candidates: 1, digits: [digit] };
}

export interface AnswerOptions {
  readonly engine: string;
  readonly threads: number;
  /** How the nets want an image to be shown. */
  readonly view: ImageTransform;
}

/** Lets every net vote on every digit, one net after the other. */
export async function answerDigits(
  digits: readonly PreparedDigit[],
  nets: TrainedNets,
  { engine, threads, view }: AnswerOptions,
): Promise<DigitAnswer[]> {
  if (digits.length === 0) return [];
  const [height, width] = digits[0]!.image.shape as [number, number];
  const images = ndarray(new Float32Array(digits.length * height * width), [digits.length, height, width, 1]);
  for (const [index, { image }] of digits.entries())
    view(image, images.pick(index, null, null, 0), { seed: 0, epoch: 0, index });
  const votes: Probabilities[] = [];
  for (const net of nets.members) {
    const session = await openNet(nets, net, engine, threads);
    try {
      votes.push(softmax(await session.predict(images)));
    } finally {
      await session.dispose();
    }
  }
  const mean = softVote(votes);
  const classNames = classNamesOf(nets.config.dataset);
  const ranked = (of: Probabilities, index: number) =>
    classNames
      .map((name, label) => ({ name, probability: of.get(index, label) }))
      .sort((a, b) => b.probability - a.probability);
  return digits.map((_, index) => {
    const probabilities = ranked(mean, index);
    const { name: predicted, probability: confidence } = probabilities[0]!;
    const own = votes.map((vote) => {
      const best = ranked(vote, index)[0]!;
      return { predicted: best.name, confidence: best.probability };
    });
    const agreement = own.filter((vote) => vote.predicted === predicted).length / own.length;
    return { predicted, confidence, agreement, probabilities, votes: own };
  });
}
