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

export function transformsOf(name: AugmentationName): Transforms {
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
  }
}
