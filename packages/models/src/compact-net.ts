import type { LayersModel } from '@tensorflow/tfjs-layers';
import { buildCommitteeNet, type CommitteeNetOptions, committeeNetDefaults } from './committee-net.js';

export const compactNetDefaults = {
  ...committeeNetDefaults,
  widths: [32, 64, 128],
} as const satisfies Required<CommitteeNetOptions>;

/**
 * `committeeNet` with a quarter of the channels, and so about a sixteenth of the arithmetic: 298,442 trainable
 * parameters. The one to train where there is only a CPU.
 *
 * @returns float32 NHWC [batch, height, width, channels] -> logits [batch, classes], without a softmax
 * @throws ModelError INVALID_OPTION, NO_BACKEND
 */
export function compactNet(options?: CommitteeNetOptions): LayersModel {
  return buildCommitteeNet('compactNet', 'compact_net', options, compactNetDefaults);
}
