import type { ImageDataset } from '@mnist/dataset';
import type { ConfusionMatrix, Mistake } from '@mnist/ensemble';
import { writeFileDurably } from '@mnist/kit/files';
import type { LrFindResult } from '@mnist/train';
import {
  confusionMatrixPlot,
  type Figure,
  imageGrid,
  intervalPlot,
  lrFindPlot,
  mistakesGrid,
} from '@mnist/viz';
import ndarray from 'ndarray';
import type { RecipeScore } from '../experiment/compare-recipes.js';
import type { AugmentationName } from '../experiment/config.js';
import type { Datasets } from '../experiment/datasets.js';
import { transformsOf } from '../experiment/transforms.js';

/** Stamp on every picture that does not show real data. */
export function dataNote(data: Pick<Datasets, 'choice'>): string | undefined {
  return data.choice.kind === 'synthetic' ? 'SYNTHETIC DIGITS, drawn by a program. Not MNIST.' : undefined;
}

/** How the net sees a few digits: each row is one training image under different draws. */
export function augmentationFigure(data: Datasets, augmentation: AugmentationName, seed: number): Figure {
  const digits = 6;
  const views = 8;
  const transform = transformsOf(augmentation).training;
  const pixels = new Float32Array(digits * views * 784);
  const captions: string[] = [];
  for (let digit = 0; digit < digits; digit++) {
    const image = data.train.images.pick(digit, null, null);
    for (let view = 0; view < views; view++) {
      const out = ndarray(pixels, [28, 28], [28, 1], (digit * views + view) * 784);
      if (view === 0) {
        for (let y = 0; y < 28; y++) for (let x = 0; x < 28; x++) out.set(y, x, image.get(y, x));
        captions.push(`stored (${data.train.classNames[data.train.labels.get(digit)]})`);
      } else {
        transform(image, out, { seed, epoch: view - 1, index: digit });
        captions.push(`epoch ${view}`);
      }
    }
  }
  return imageGrid({
    images: { data: pixels, shape: [digits * views, 28, 28] },
    captions,
    columns: views,
    normalise: 'image',
    title: 'What a net trains on',
    subtitle: `The first ${digits} training images of ${data.title} as stored, and as '${augmentation}' augmentation shows them in each epoch.`,
    note: dataNote(data),
  });
}

export function lrFindFigure(data: Datasets, result: LrFindResult, net: string): Figure {
  const { points, suggestions } = result;
  const known = Object.entries(suggestions).filter(
    (entry): entry is [string, number] => entry[1] !== undefined,
  );
  return lrFindPlot({
    learningRate: points.map(({ learningRate }) => learningRate),
    loss: points.map(({ loss }) => loss),
    smoothedLoss: points.map(({ smoothedLoss }) => smoothedLoss),
    suggestions: Object.fromEntries(known),
    title: 'Learning-rate sweep',
    subtitle: `${net} on ${data.title}: one batch a step while the learning rate rises.`,
    note: dataNote(data),
  });
}

export function mistakesFigure(data: Datasets, mistakes: readonly Mistake[], voters: string): Figure {
  return mistakesGrid({
    images: imagesOf(data.test),
    mistakes,
    classNames: data.test.classNames,
    title: `${mistakes.length} mistakes of ${voters}`,
    note: dataNote(data),
  });
}

export function confusionFigure(data: Datasets, confusion: ConfusionMatrix, voters: string): Figure {
  return confusionMatrixPlot({
    matrix: confusion,
    classNames: data.test.classNames,
    title: `Confusion of ${voters}`,
    subtitle: `${data.title}, ${data.test.labels.shape[0]!.toLocaleString('en-US')} test images.`,
    note: dataNote(data),
  });
}

/** The recipes against the first one; undefined where none was compared. */
export function recipesFigure(
  data: Pick<Datasets, 'choice' | 'title'>,
  scores: readonly RecipeScore[],
): Figure | undefined {
  const compared = scores.flatMap(({ name, difference }) => (difference ? [{ name, ...difference }] : []));
  if (compared.length === 0) return undefined;
  const milli = (value: number) => value * 1000;
  return intervalPlot({
    intervals: compared.map(({ name, mean, lower, upper }) => ({
      name,
      // The interval is of resampled images: with few of them it need not hold the mean.
      mean: milli(mean),
      lower: milli(Math.min(lower, mean)),
      upper: milli(Math.max(upper, mean)),
    })),
    quantity: `Loss less that of '${scores[0]!.name}' (thousandths of a nat an image)`,
    title: 'Recipes on held-out training images',
    subtitle: `${data.title}: means of two nets; 95 % of bootstrap samples of writers lie on the line. Left is better.`,
    note: dataNote(data),
  });
}

function imagesOf({ images }: ImageDataset) {
  return { data: images.data, shape: images.shape, stride: images.stride, offset: images.offset };
}

export async function writePng(path: string, figure: Figure): Promise<void> {
  await writeFileDurably(path, await figure.toPng({ scale: 2 }));
}
