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
import { errorKind } from '@mnist/kit';
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
  /** Seconds that the next batch is waited for beside its own: see `prepare`. */
  #late = 0;
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
    if (drawn) {
      const seconds = drawn.seconds + this.#late;
      this.#late = 0;
      return { ...drawn, seconds };
    }
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

  /** Draws as many ahead while a computation is under way; only the time that this takes longer was waited for. */
  async prepare(position: number, computed: Promise<unknown>): Promise<void> {
    const before = this.#drawn.length;
    let end: number | undefined;
    const ended = () => {
      end = this.now();
    };
    computed.then(ended, ended);
    await this.ahead(position);
    if (end !== undefined) this.#late += (this.now() - end) / 1000;
    for (let i = before; i < this.#drawn.length; i++) this.#drawn[i] = { ...this.#drawn[i]!, seconds: 0 };
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

interface Computed {
  readonly steps: readonly GroupedStep[];
  readonly losses: readonly number[];
  /** Of each step. */
  readonly seconds: number;
}

const nothing: Computed = { steps: [], losses: [], seconds: 0 };

/**
 * A session that takes steps in groups, and shows nothing of it: whoever asks for anything but the next step finds the session
 * as it is after the steps that were told. Steps beyond are taken back, which engines with groups can.
 */
export class LookAheadSession implements TrainingSession {
  /** Steps that were computed, the first ones told. */
  #computed: Computed = nothing;
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
   * @param prepare draws that many batches ahead, while the steps of `computed` run
   */
  async take(
    step: GroupedStep,
    following: (position: number) => Promise<GroupedStep | undefined>,
    prepare: (position: number, computed: Promise<unknown>) => Promise<unknown>,
  ): Promise<{ loss: number; seconds: number }> {
    if (this.#told === this.#computed.steps.length) {
      const steps = [step];
      while (steps.length < this.stepGroup.size) {
        const next = await following(steps.length);
        if (!next) break;
        steps.push(next);
      }
      const computed = this.#compute(steps);
      await Promise.all([computed, prepare(steps.length - 1 + this.stepGroup.size, computed)]);
      this.#computed = await computed;
      this.#told = 0;
    }
    const { losses, seconds } = this.#computed;
    return { loss: losses[this.#told++]!, seconds };
  }

  /** Of these steps, or of the first alone where one is refused: a refusal has its turn, and takes nothing of those before. */
  async #compute(steps: readonly GroupedStep[]): Promise<Computed> {
    const started = this.now();
    try {
      const results = await this.stepGroup.steps(steps);
      const seconds = (this.now() - started) / 1000 / steps.length;
      return { steps, losses: results.map(({ loss }) => loss), seconds };
    } catch (error) {
      if (steps.length === 1 || errorKind(error) !== 'input') throw error;
      return this.#compute(steps.slice(0, 1));
    }
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
    this.#computed = nothing;
    this.#told = 0;
    if (ahead > 0) await this.stepGroup.keep(told);
  }
}
