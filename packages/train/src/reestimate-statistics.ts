import type { BatchSource } from '@mnist/dataset';
import type { NamedTensor, TrainingSession, TrainingState } from '@mnist/engine';
import { integer } from '@mnist/kit';
import { check } from './_options.js';

export interface ReestimateStatisticsOptions {
  /** Batches to estimate from, at most the source's own number. Default 100. */
  readonly batches?: number;
}

const still = { learningRate: 0, momentum: 0, weightDecay: 0 };

/**
 * Estimates the running means and variances of batch normalisation anew for the weights that the session holds, which
 * averaged weights need (Izmailov et al. 2018): the mean of the batches' own means and unbiased variances, as PyTorch's
 * `update_bn` takes it, whatever stood there before and however slowly the layer's momentum m forgets. Parameters, moments and
 * step are left as they were.
 *
 * Uses nothing but the `Engine` contract. A step of learning rate 0 moves a statistic r to `m r + (1 - m) b` towards that of
 * its batch, b. One batch from 0 and from a large value gives m; then b follows from r before and after each step.
 */
export async function reestimateStatistics(
  session: TrainingSession,
  data: BatchSource,
  options: ReestimateStatisticsOptions = {},
): Promise<void> {
  const { batches } = check.complete(
    'reestimateStatistics',
    options,
    { batches: 100 },
    { batches: integer({ min: 1 }) },
  );
  const before = await session.state();
  const running = before.statistics.map(({ name }) => /(^|\/)moving_(mean|variance)(-\d+)?$/.test(name));
  if (!running.includes(true)) return;
  const total = Math.min(batches, data.totalBatches);
  const sums = before.statistics.map(({ data: values }) => new Float64Array(values.length));
  const fill = (values: readonly number[]): TrainingState => ({
    ...before,
    statistics: before.statistics.map((tensor, i) =>
      running[i] ? { ...tensor, data: new Float32Array(tensor.data.length).fill(values[i]!) } : tensor,
    ),
  });
  const zeros = before.statistics.map(() => 0);
  let kept: readonly number[] = [];
  let previous: readonly NamedTensor[] = [];
  let taken = 0;
  try {
    for await (const batch of data.iterate(0)) {
      if (taken === 0) {
        await session.restore(fill(zeros));
        await session.step(batch, still);
        const fromZero = (await session.state()).statistics;
        // Large beside what the batch adds, so that m is known to float32's last bits.
        const large = fromZero.map(
          ({ data: values }) => 2 ** Math.ceil(Math.log2(1024 * (1 + largest(values)))),
        );
        await session.restore(fill(large));
        await session.step(batch, still);
        const fromLarge = (await session.state()).statistics;
        kept = fromZero.map(({ data: values }, i) => meanDifference(fromLarge[i]!.data, values) / large[i]!);
        await session.restore(fill(zeros));
        previous = fill(zeros).statistics;
      }
      await session.step(batch, still);
      const { statistics } = await session.state();
      for (const [i, sum] of sums.entries()) {
        const [m, from, to] = [kept[i]!, previous[i]!.data, statistics[i]!.data];
        for (let k = 0; k < sum.length; k++) sum[k]! += (to[k]! - m * from[k]!) / (1 - m);
      }
      previous = statistics;
      taken++;
      if (taken === total) break;
    }
  } catch (error) {
    await session.restore(before);
    throw error;
  }
  const statistics = before.statistics.map((tensor, i): NamedTensor => {
    // Statistics that do not move (a frozen layer's) have nothing to be estimated from.
    if (!running[i] || !(1 - kept[i]! > 1e-6)) return tensor;
    return { ...tensor, data: Float32Array.from(sums[i]!, (sum) => sum / taken) };
  });
  await session.restore({ ...before, statistics });
}

const largest = (values: Float32Array): number =>
  values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

const meanDifference = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, i) => sum + (value - b[i]!), 0) / a.length;
