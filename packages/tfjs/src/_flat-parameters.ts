import type { FullOptimizer, Hyperparameters } from '@mnist/engine';
import * as tf from '@tensorflow/tfjs-core';

/**
 * The parameters and the optimiser's slots, each as one vector: an update is a dozen operations for the whole net, where one
 * a parameter took hundreds of them with their tensors. The layers' variables are written from the vector after each update.
 */
export class FlatParameters {
  readonly #sizes: readonly number[];
  readonly #flat: tf.Variable;
  readonly #slots: ReadonlyMap<string, tf.Variable>;

  /** @param variables of the layers, in the order of the plan's parameters */
  constructor(
    private readonly variables: readonly tf.Variable[],
    private readonly optimizer: FullOptimizer,
    slots: readonly string[],
  ) {
    this.#sizes = variables.map(({ size }) => size);
    const total = this.#sizes.reduce((sum, size) => sum + size, 0);
    const zeros = () => tf.tidy(() => tf.variable(tf.zeros([total]), false));
    this.#flat = zeros();
    this.#slots = new Map(slots.map((slot) => [slot, zeros()]));
  }

  /** Inside a tidy. @param step number of this update, from 1 */
  update(gradients: tf.NamedTensorMap, hyper: Hyperparameters, step: number): void {
    const gradient = tf.concat1d(
      this.variables.map((variable) =>
        tf.reshape(gradients[variable.name] ?? tf.zeros(variable.shape), [variable.size]),
      ),
    );
    const share = hyper.learningRate * hyper.weightDecay;
    const decayed = share === 0 ? this.#flat : tf.mul(this.#flat, 1 - share);
    const change =
      this.optimizer.kind === 'adam'
        ? this.#adam(gradient, hyper, step, this.optimizer)
        : this.#sgd(gradient, hyper, this.optimizer.nesterov);
    this.#flat.assign(tf.sub(decayed, change));
    this.#spread();
  }

  async read(): Promise<{ parameters: Float32Array[]; slots: Record<string, Float32Array[]> }> {
    const slots: Record<string, Float32Array[]> = {};
    for (const [name, slot] of this.#slots) slots[name] = await this.#split(slot);
    return { parameters: await this.#split(this.#flat), slots };
  }

  write(parameters: readonly Float32Array[], slots: Readonly<Record<string, readonly Float32Array[]>>): void {
    tf.tidy(() => {
      this.#flat.assign(this.#join(parameters));
      for (const [name, slot] of this.#slots) slot.assign(this.#join(slots[name]!));
      this.#spread();
    });
  }

  dispose(): void {
    this.#flat.dispose();
    for (const slot of this.#slots.values()) slot.dispose();
  }

  /**
   * Kingma & Ba 2015 in PyTorch's arithmetic: epsilon is added to sqrt(v / (1 - beta2^t)). `tf.train.adam` keeps its betas
   * and learning rate for life, so it cannot follow a schedule of the momentum.
   */
  #adam(
    gradient: tf.Tensor,
    { learningRate, momentum }: Hyperparameters,
    step: number,
    { beta2, epsilon }: Extract<FullOptimizer, { kind: 'adam' }>,
  ): tf.Tensor {
    const [m, v] = [this.#slots.get('m')!, this.#slots.get('v')!];
    m.assign(tf.add(tf.mul(m, momentum), tf.mul(gradient, 1 - momentum)));
    v.assign(tf.add(tf.mul(v, beta2), tf.mul(tf.square(gradient), 1 - beta2)));
    const rootV = tf.div(tf.sqrt(v), Math.sqrt(1 - beta2 ** step));
    return tf.div(tf.mul(m, learningRate / (1 - momentum ** step)), tf.add(rootV, epsilon));
  }

  /** torch.optim.SGD: velocity = momentum * velocity + gradient. */
  #sgd(gradient: tf.Tensor, { learningRate, momentum }: Hyperparameters, nesterov: boolean): tf.Tensor {
    const velocity = this.#slots.get('velocity')!;
    velocity.assign(tf.add(tf.mul(velocity, momentum), gradient));
    const direction = nesterov ? tf.add(gradient, tf.mul(velocity, momentum)) : velocity;
    return tf.mul(direction, learningRate);
  }

  /** Into the layers. */
  #spread(): void {
    const parts = tf.split(this.#flat as tf.Tensor1D, [...this.#sizes]);
    for (const [i, variable] of this.variables.entries())
      variable.assign(tf.reshape(parts[i]!, variable.shape));
  }

  #join(values: readonly Float32Array[]): tf.Tensor1D {
    const joined = new Float32Array(this.#flat.size);
    let at = 0;
    for (const value of values) {
      joined.set(value, at);
      at += value.length;
    }
    return tf.tensor1d(joined);
  }

  async #split(flat: tf.Variable): Promise<Float32Array[]> {
    const values = (await flat.data()) as Float32Array;
    let at = 0;
    return this.#sizes.map((size) => {
      at += size;
      return values.slice(at - size, at);
    });
  }
}
