import type { Loss } from '@mnist/train';
import { OnnxEngineError } from '../errors.js';

/**
 * Writes the targets of a batch, row-major [batch, classes]: one-hot rows; with label smoothing s, a share s of each
 * row is spread over all classes (Szegedy et al., 2016; as in PyTorch).
 */
export function fillTargets(
  labels: ArrayLike<number>,
  classes: number,
  loss: Loss,
  targets: Float32Array,
): void {
  const smoothing = loss.kind === 'softmaxCrossEntropy' ? (loss.labelSmoothing ?? 0) : 0;
  targets.fill(smoothing / classes);
  for (let index = 0; index < labels.length; index++) {
    const label = labels[index]!;
    if (!Number.isInteger(label) || label < 0 || label >= classes) {
      throw new OnnxEngineError(
        'INVALID_BATCH',
        `label ${label} at position ${index} of the batch; the model has ${classes} classes, so labels are 0 to ${classes - 1}`,
      );
    }
    targets[index * classes + label] = 1 - smoothing + smoothing / classes;
  }
}
