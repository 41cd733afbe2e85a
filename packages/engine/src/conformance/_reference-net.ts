import type { LayerSpec, NetSpec } from './_net-spec.js';

/**
 * The suite's independent yardstick: a plain float64 forward pass, written from the definitions, with gradients by
 * central differences. Slow and short on purpose; it shares no code with any engine.
 */
export interface ReferenceWeights {
  /** Kernels and biases, gammas and betas, in layer order. */
  readonly parameters: readonly Float64Array[];
  /** Running means and variances, in layer order. */
  readonly statistics: readonly Float64Array[];
}

interface Activations {
  readonly data: Float64Array;
  /** NHWC; dense layers have height and width 1. */
  readonly shape: readonly [number, number, number, number];
}

export interface ReferenceResult {
  /** [batch, classes] */
  readonly logits: Float64Array;
  readonly classes: number;
  /** The statistics after this pass: moved in training mode, unchanged otherwise. */
  readonly statistics: readonly Float64Array[];
}

export function referenceForward(
  net: NetSpec,
  weights: ReferenceWeights,
  images: ArrayLike<number>,
  training: boolean,
): ReferenceResult {
  const [height, width, channels] = net.imageShape;
  const batch = images.length / (height * width * channels);
  const parameters = [...weights.parameters];
  const statistics = [...weights.statistics];
  const moved: Float64Array[] = [];

  const apply = (x: Activations, spec: LayerSpec): Activations => {
    switch (spec.kind) {
      case 'conv':
        return convolve(x, parameters.shift()!, parameters.shift()!, spec.size, spec.padding);
      case 'dense': {
        const flat: Activations = { data: x.data, shape: [x.shape[0], 1, 1, x.data.length / x.shape[0]] };
        return convolve(flat, parameters.shift()!, parameters.shift()!, 1, 'valid');
      }
      case 'batchNorm': {
        const [gamma, beta] = [parameters.shift()!, parameters.shift()!];
        const [mean, variance] = [statistics.shift()!, statistics.shift()!];
        const result = normalizeBatch(x, gamma, beta, mean, variance, spec.epsilon, spec.momentum, training);
        moved.push(result.mean, result.variance);
        return result.output;
      }
      case 'maxPool':
      case 'averagePool':
        return pool(x, spec.size, spec.padding, spec.kind === 'maxPool');
      case 'relu':
        return { ...x, data: x.data.map((value) => Math.max(value, 0)) };
      case 'flatten':
        return { data: x.data, shape: [batch, 1, 1, x.data.length / batch] };
      case 'dropout':
        if (training) throw new RangeError('the reference has no dropout in training mode');
        return x;
      case 'residual': {
        const inner = run(spec.layers, x);
        return { ...x, data: x.data.map((value, i) => value + inner.data[i]!) };
      }
    }
  };
  const run = (specs: readonly LayerSpec[], start: Activations): Activations => specs.reduce(apply, start);

  const output = run(net.layers, {
    data: Float64Array.from(images),
    shape: [batch, height, width, channels],
  });
  return { logits: output.data, classes: output.data.length / batch, statistics: moved };
}

/** Stride 1. `kernel` is HWIO; 'same' pads (size - 1) / 2 zeros on each side. */
function convolve(
  x: Activations,
  kernel: Float64Array,
  bias: Float64Array,
  size: number,
  padding: 'same' | 'valid',
): Activations {
  const [batch, height, width, channels] = x.shape;
  const filters = bias.length;
  const pad = padding === 'same' ? (size - 1) / 2 : 0;
  const [outHeight, outWidth] = [height + 2 * pad - size + 1, width + 2 * pad - size + 1];
  const out = new Float64Array(batch * outHeight * outWidth * filters);
  let at = 0;
  for (let n = 0; n < batch; n++) {
    for (let row = 0; row < outHeight; row++) {
      for (let column = 0; column < outWidth; column++) {
        for (let filter = 0; filter < filters; filter++) {
          let sum = bias[filter]!;
          for (let i = 0; i < size; i++) {
            for (let j = 0; j < size; j++) {
              const [r, c] = [row + i - pad, column + j - pad];
              if (r < 0 || c < 0 || r >= height || c >= width) continue;
              const from = ((n * height + r) * width + c) * channels;
              const weight = (i * size + j) * channels * filters + filter;
              for (let k = 0; k < channels; k++) sum += x.data[from + k]! * kernel[weight + k * filters]!;
            }
          }
          out[at++] = sum;
        }
      }
    }
  }
  return { data: out, shape: [batch, outHeight, outWidth, filters] };
}

/** Window = stride. 'same' rounds the output size up and lets the last window hang over the bottom and right edges. */
function pool(x: Activations, size: number, padding: 'same' | 'valid', max: boolean): Activations {
  const [batch, height, width, channels] = x.shape;
  const round = padding === 'same' ? Math.ceil : Math.floor;
  const [outHeight, outWidth] = [round(height / size), round(width / size)];
  const out = new Float64Array(batch * outHeight * outWidth * channels);
  for (let n = 0; n < batch; n++) {
    for (let row = 0; row < outHeight; row++) {
      for (let column = 0; column < outWidth; column++) {
        for (let k = 0; k < channels; k++) {
          let [best, sum, count] = [Number.NEGATIVE_INFINITY, 0, 0];
          for (let r = row * size; r < Math.min(row * size + size, height); r++) {
            for (let c = column * size; c < Math.min(column * size + size, width); c++) {
              const value = x.data[((n * height + r) * width + c) * channels + k]!;
              best = Math.max(best, value);
              sum += value;
              count++;
            }
          }
          out[((n * outHeight + row) * outWidth + column) * channels + k] = max ? best : sum / count;
        }
      }
    }
  }
  return { data: out, shape: [batch, outHeight, outWidth, channels] };
}

/** `momentum` is Keras' share of the old statistic (PyTorch's momentum is 1 minus it). */
function normalizeBatch(
  x: Activations,
  gamma: Float64Array,
  beta: Float64Array,
  oldMean: Float64Array,
  oldVariance: Float64Array,
  epsilon: number,
  momentum: number,
  training: boolean,
): { output: Activations; mean: Float64Array; variance: Float64Array } {
  const channels = gamma.length;
  const count = x.data.length / channels;
  let [mean, variance] = [oldMean, oldVariance];
  let [newMean, newVariance] = [oldMean, oldVariance];
  if (training) {
    mean = new Float64Array(channels);
    variance = new Float64Array(channels);
    for (const [i, value] of x.data.entries()) mean[i % channels]! += value / count;
    for (const [i, value] of x.data.entries()) {
      variance[i % channels]! += (value - mean[i % channels]!) ** 2 / count;
    }
    const unbiased = variance.map((value) => (value * count) / (count - 1));
    newMean = oldMean.map((old, k) => momentum * old + (1 - momentum) * mean[k]!);
    newVariance = oldVariance.map((old, k) => momentum * old + (1 - momentum) * unbiased[k]!);
  }
  const data = x.data.map((value, i) => {
    const k = i % channels;
    return ((value - mean[k]!) / Math.sqrt(variance[k]! + epsilon)) * gamma[k]! + beta[k]!;
  });
  return { output: { data, shape: x.shape }, mean: newMean, variance: newVariance };
}
