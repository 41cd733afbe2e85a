import type { BatchSource } from '@mnist/dataset';
import type { NamedTensor, TrainingSession } from '@mnist/engine';
import { integer } from '@mnist/kit';
import { check } from './_options.js';

export interface ReestimateStatisticsOptions {
  /** Batches to estimate from, at most the source's own number. Default 100. */
  readonly batches?: number;
}

/**
 * Estimates the running means and variances of batch normalisation anew for the weights that the session holds, which
 * averaged weights need (Izmailov et al. 2018). Parameters, moments and step are left as they were.
 *
 * Uses nothing but the `Engine` contract: steps of learning rate 0 move the statistics alone. The result is the mean of the
 * statistics over the second half of these steps, when their old values have faded.
 */
export async function reestimateStatistics(
  session: TrainingSession,
  data: BatchSource,
  options: ReestimateStatisticsOptions = {},
): Promise<void> {
  check.refuseUnknown('reestimateStatistics', options, ['batches']);
  const { batches = 100 } = options;
  check.require('reestimateStatistics', 'batches', batches, integer({ min: 1 }));
  const before = await session.state();
  if (before.statistics.length === 0) return;
  const total = Math.min(batches, data.totalBatches);
  const still = { learningRate: 0, momentum: 0, weightDecay: 0 };
  const sums = before.statistics.map(({ data: values }) => new Float64Array(values.length));
  let taken = 0;
  let averaged = 0;
  try {
    for await (const batch of data.iterate(0)) {
      await session.step(batch, still);
      taken++;
      if (taken > total / 2) {
        const { statistics } = await session.state();
        for (const [i, sum] of sums.entries()) {
          for (let k = 0; k < sum.length; k++) sum[k]! += statistics[i]!.data[k]!;
        }
        averaged++;
      }
      if (taken === total) break;
    }
  } catch (error) {
    await session.restore(before);
    throw error;
  }
  const statistics = before.statistics.map(
    (tensor, i): NamedTensor => ({
      ...tensor,
      data: Float32Array.from(sums[i]!, (sum) => sum / averaged),
    }),
  );
  await session.restore({ ...before, statistics });
}
