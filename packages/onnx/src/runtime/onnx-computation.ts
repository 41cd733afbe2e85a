import type { Computation, GroupComputation, Hyperparameters, TrainingValues } from '@mnist/engine';
import type { TrainingGraph } from '../compile-training.js';
import type { WeightPack } from '../network/weight-pack.js';
import type { StepRunner } from './step-plan.js';

/** A checked training on a step runner: packs tensors into the graphs' flat vectors, and compiles for odd batch sizes. */
export class OnnxComputation implements Computation {
  readonly group?: GroupComputation;
  /** The other number of images that steps can be taken on at present. */
  #odd: number | undefined;

  /**
   * @param compileFor compiles the same training for another number of images
   * @param stepsPerCall most steps that the runner takes in a call
   */
  constructor(
    private readonly graph: TrainingGraph,
    private readonly runner: StepRunner,
    private readonly compileFor: (count: number) => TrainingGraph,
    stepsPerCall: number,
  ) {
    if (stepsPerCall === 1) return;
    const { batchSize } = graph.step;
    this.group = {
      size: stepsPerCall,
      steps: (hypers, step) =>
        runner.steps(
          batchSize,
          step,
          hypers.map((hyper, i) => graph.rule.scalarValues(hyper, step + i)),
        ),
      rewind: () => runner.rewind(),
    };
  }

  get images(): Float32Array {
    return this.runner.images;
  }

  get targets(): Float32Array {
    return this.runner.targets;
  }

  async step(count: number, hyper: Hyperparameters, step: number): Promise<number> {
    if (count !== this.graph.step.batchSize && count !== this.#odd) {
      // One graph besides the full one: each keeps its own working memory, and an epoch has one incomplete batch.
      await this.runner.prepare(this.compileFor(count).step);
      this.#odd = count;
    }
    const [loss] = await this.runner.steps(count, step, [this.graph.rule.scalarValues(hyper, step)]);
    return loss!;
  }

  predict(images: Float32Array, _count: number, onProgress?: (done: number) => void): Promise<Float32Array> {
    return this.runner.predict(images, onProgress);
  }

  async read(): Promise<TrainingValues> {
    const { parameters, statistics, rule } = this.graph;
    const vectors = await this.runner.read();
    return {
      parameters: unpack(parameters, vectors.parameters!),
      statistics: statistics.size > 0 ? unpack(statistics, vectors.statistics!) : [],
      slots: Object.fromEntries(rule.slots.map((slot) => [slot, unpack(parameters, vectors[slot]!)])),
    };
  }

  write({ parameters, statistics, slots }: TrainingValues): Promise<void> {
    const { graph } = this;
    const vectors: Record<string, Float32Array> = { parameters: pack(graph.parameters, parameters) };
    if (graph.statistics.size > 0) vectors.statistics = pack(graph.statistics, statistics);
    for (const slot of graph.rule.slots) vectors[slot] = pack(graph.parameters, slots[slot]!);
    return this.runner.write(vectors);
  }

  dispose(): Promise<void> {
    return this.runner.dispose();
  }
}

function unpack({ weights, offsets }: WeightPack, vector: Float32Array): Float32Array[] {
  return weights.map(({ size }, index) => vector.slice(offsets[index]!, offsets[index]! + size));
}

function pack({ offsets, size }: WeightPack, values: readonly Float32Array[]): Float32Array {
  const vector = new Float32Array(size);
  for (const [index, offset] of offsets.entries()) vector.set(values[index]!, offset);
  return vector;
}
