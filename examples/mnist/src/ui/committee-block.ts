import type { CommitteeBlock, ImageViews } from '@mnist/viz';
import ndarray from 'ndarray';
import type { CommitteeResults } from '../experiment/committee-results.js';
import type { MemberConfig } from '../experiment/config.js';
import type { Datasets } from '../experiment/datasets.js';
import { transformsOf } from '../experiment/transforms.js';

const viewsOfOne = 8;
/** Pictures with views at most: a page of many nets that are often wrong stays small. */
const mostWithViews = 60;

/** The committee as the page plays with it: its nets, its mistakes, and how training would have distorted these. */
export function committeeBlock(
  { test, title }: Pick<Datasets, 'test' | 'title'>,
  config: MemberConfig,
  { members, probabilities, mistakes }: CommitteeResults,
  seed: number,
): CommitteeBlock {
  const transform = transformsOf(config.augmentation).training;
  const views = mistakes.slice(0, mostWithViews).map(({ index }): ImageViews => {
    const pixels = new Float32Array(viewsOfOne * 784);
    for (let view = 0; view < viewsOfOne; view++) {
      const out = ndarray(pixels, [28, 28], [28, 1], view * 784);
      transform(test.images.pick(index, null, null), out, { seed, epoch: view, index });
    }
    return { index, images: { data: pixels, shape: [viewsOfOne, 28, 28] } };
  });
  const { data, shape, stride, offset } = test.images;
  return {
    kind: 'committee',
    images: { data, shape, stride, offset },
    labels: Uint8Array.from({ length: shape[0]! }, (_, index) => test.labels.get(index)),
    members: members.map(({ index }, position) => ({
      name: `net ${index + 1}`,
      probabilities: probabilities[position]!,
    })),
    classNames: test.classNames,
    views,
    caption:
      title === 'MNIST'
        ? 'The most confident mistakes of all nets together come first. About 15 of the 10,000 MNIST test labels are themselves wrong.'
        : 'The most confident mistakes of all nets together come first.',
  };
}
