import type { NdArray } from 'ndarray';
import type { Classifier, Probabilities } from './classifier.js';
import { EnsembleError } from './ensemble-error.js';
import { softVote } from './soft-vote.js';

/** A way to look at images: float32 NHWC in, float32 NHWC out; must not change its argument. */
export type View = (images: NdArray<Float32Array>) => NdArray<Float32Array>;

/**
 * A classifier that looks at each image in several ways and averages the probabilities. The unchanged image is a view
 * like any other: pass `(images) => images` to include it.
 *
 * @param views at least one; `viewFrom` makes one of an image transform
 */
export function testTimeAugmentation(classifier: Classifier, views: readonly View[]): Classifier {
  if (!Array.isArray(views) || views.length === 0 || views.some((view) => typeof view !== 'function')) {
    throw new EnsembleError(
      'INVALID_OPTION',
      'testTimeAugmentation: views must be a non-empty list of functions; pass for example [(images) => images, viewFrom(transform)].',
    );
  }
  return {
    name: `${classifier.name} (${views.length} views)`,
    classCount: classifier.classCount,
    async classify(images): Promise<Probabilities> {
      const results: Probabilities[] = [];
      for (const view of views) results.push(await classifier.classify(view(images)));
      return softVote(results);
    },
  };
}
