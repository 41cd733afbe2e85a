import type { Batch } from '@mnist/dataset';
import type {
  GroupedStep,
  Hyperparameters,
  Logits,
  StepGroup,
  TrainingBatch,
  TrainingSession,
  TrainingState,
} from '@mnist/engine';
import ndarray, { type NdArray } from 'ndarray';

/** A batch, and how long it was waited for. */
export interface DrawnBatch {
  readonly batch: Batch;
  readonly seconds: number;
}

/** Batches one by one, some of which were drawn ahead of their turn. */
export class BatchQueue {
  readonly #iterator: AsyncIterator<Batch> | Iterator<Batch>;
  readonly #drawn: DrawnBatch[] = [];
  /** What the source threw when asked ahead of time; thrown when its turn comes. */
  #failure: { readonly error: unknown } | undefined;

  constructor(
    batches: AsyncIterable<Batch> | Iterable<Batch>,
    private readonly now: () => number,
  ) {
    this.#iterator =
      Symbol.asyncIterator in batches ? batches[Symbol.asyncIterator]() : batches[Symbol.iterator]();
  }

  async next(): Promise<DrawnBatch | undefined> {
    const drawn = this.#drawn.shift();
    if (drawn) return drawn;
    if (this.#failure) throw this.#failure.error;
    return this.#draw();
  }

  /** The batch `position` places after the one that `next` gave last, copied; undefined where the data ends or fails. */
  async ahead(position: number): Promise<Batch | undefined> {
    try {
      while (this.#drawn.length < position && !this.#failure) {
        const found = await this.#draw();
        if (!found) break;
        this.#drawn.push({ ...found, batch: copyOf(found.batch) });
      }
    } catch (error) {
      this.#failure = { error };
    }
    return this.#drawn[position - 1]?.batch;
  }

  async close(): Promise<void> {
    await this.#iterator.return?.();
  }

  async #draw(): Promise<DrawnBatch | undefined> {
    const before = this.now();
    const result = await this.#iterator.next();
    return result.done ? undefined : { batch: result.value, seconds: (this.now() - before) / 1000 };
  }
}

/** A source may overwrite a batch as soon as the next is asked for. */
export function copyOf(batch: Batch & { readonly targets?: NdArray<Float32Array> }): Batch {
  const { images, labels, targets } = batch;
  return {
    ...batch,
    images: ndarray(images.data.slice(images.offset, images.offset + images.size), images.shape),
    labels: ndarray(labels.data.slice(labels.offset, labels.offset + labels.size), labels.shape),
    // Of a distilled source; contiguous or not.
    ...(targets && {
      targets: ndarray(targets.data.slice(), targets.shape, targets.stride, targets.offset),
    }),
  };
}

/**
 * A session that takes steps in groups, and shows nothing of it: whoever asks for anything but the next step finds the session
 * as it is after the steps that were told. Steps beyond are taken back, which engines with groups can.
 */
export class LookAheadSession implements TrainingSession {
  /** Steps that were computed, the first ones told. */
  #computed: { readonly steps: readonly GroupedStep[]; readonly losses: readonly number[]; seconds: number } =
    {
      steps: [],
      losses: [],
      seconds: 0,
    };
  #told = 0;

  constructor(
    private readonly session: TrainingSession,
    private readonly stepGroup: StepGroup,
    private readonly now: () => number,
  ) {}

  get computedBy(): string {
    return this.session.computedBy;
  }

  /**
   * The next step's loss, and its share of the group's time.
   * @param following the step `position` places after this one, where it may be taken in the same call
   * @param prepare draws that many batches ahead, while the steps run
   */
  async take(
    step: GroupedStep,
    following: (position: number) => Promise<GroupedStep | undefined>,
    prepare: (position: number) => Promise<unknown>,
  ): Promise<{ loss: number; seconds: number }> {
    if (this.#told === this.#computed.steps.length) {
      const steps = [step];
      while (steps.length < this.stepGroup.size) {
        const next = await following(steps.length);
        if (!next) break;
        steps.push(next);
      }
      const started = this.now();
      const [results] = await Promise.all([
        this.stepGroup.steps(steps),
        prepare(steps.length - 1 + this.stepGroup.size),
      ]);
      const seconds = (this.now() - started) / 1000 / steps.length;
      this.#computed = { steps, losses: results.map(({ loss }) => loss), seconds };
      this.#told = 0;
    }
    const { losses, seconds } = this.#computed;
    return { loss: losses[this.#told++]!, seconds };
  }

  async step(batch: TrainingBatch, hyper: Hyperparameters): Promise<{ loss: number }> {
    await this.settle();
    return this.session.step(batch, hyper);
  }

  async predict(...images: Parameters<TrainingSession['predict']>): Promise<Logits> {
    await this.settle();
    return this.session.predict(...images);
  }

  async state(): Promise<TrainingState> {
    await this.settle();
    return this.session.state();
  }

  async restore(state: TrainingState): Promise<void> {
    await this.settle();
    return this.session.restore(state);
  }

  async writeBack(): Promise<void> {
    await this.settle();
    return this.session.writeBack();
  }

  dispose(): Promise<void> {
    return this.session.dispose();
  }

  /** Takes back what was computed and not told yet. */
  async settle(): Promise<void> {
    const told = this.#told;
    const ahead = this.#computed.steps.length - told;
    this.#computed = { steps: [], losses: [], seconds: 0 };
    this.#told = 0;
    if (ahead > 0) await this.stepGroup.keep(told);
  }
}
