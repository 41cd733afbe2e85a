import {
  compose,
  elastic,
  evaluationPipeline,
  fusedEvaluationPipeline,
  fusedPipeline,
  type SeededTransform,
  trainingPipeline,
} from '@mnist/augment';
import type { AugmentationName } from './config.js';

/** What the net trains on, and the view that it is tested with. */
export interface Transforms {
  readonly training: SeededTransform;
  readonly evaluation: SeededTransform;
}

/** Pixels of the crop that `views` gives the nets of a population in turn. */
const viewCrops = [24, 26, 28] as const;

/** @param net the net's number in its population; only `views` treats nets differently */
export function transformsOf(name: AugmentationName, net = 0): Transforms {
  switch (name) {
    case 'none':
      return { training: evaluationPipeline(), evaluation: evaluationPipeline() };
    case 'exact':
      return { training: trainingPipeline(), evaluation: evaluationPipeline() };
    case 'fused':
      return { training: fusedPipeline(), evaluation: fusedEvaluationPipeline() };
    case 'elastic':
      return {
        training: compose(elastic({ alpha: 20 }), fusedPipeline({ mesh: 0 })),
        evaluation: fusedEvaluationPipeline({ mesh: 0 }),
      };
    case 'views': {
      const options = { crop: viewCrops[net % viewCrops.length]! / 28 };
      return { training: fusedPipeline(options), evaluation: fusedEvaluationPipeline(options) };
    }
  }
}
