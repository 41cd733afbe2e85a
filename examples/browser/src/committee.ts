import { evaluationPipeline, fusedEvaluationPipeline, type SeededTransform } from '@mnist/augment';
import { type Probabilities, softVote } from '@mnist/ensemble';
import * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, loadLayersModel } from '@tensorflow/tfjs-layers';
import ndarray, { type NdArray } from 'ndarray';

/** `public/nets/index.json`, which scripts/prepare-nets.mjs writes. */
export interface NetsIndex {
  readonly nets: readonly string[];
  readonly augmentation: string;
  readonly missed: readonly { readonly index: number; readonly label: number; readonly pixels: string }[];
}

/** What each member and all together make of one image. */
export interface Vote {
  /** Per member, 10 probabilities. */
  readonly members: readonly Float32Array[];
  readonly mean: Float32Array;
  readonly milliseconds: number;
}

export class Committee {
  readonly members: LayersModel[] = [];
  readonly #view: SeededTransform;
  readonly #input = new Float32Array(784);

  constructor(readonly index: NetsIndex) {
    this.#view = index.augmentation === 'fused' ? fusedEvaluationPipeline() : evaluationPipeline();
  }

  /** Loads the members one after another; each votes as soon as it is there. */
  async load(onMember: (count: number) => void): Promise<void> {
    for (const name of this.index.nets) {
      const member = await loadLayersModel(`nets/${name}/model.json`);
      // The first prediction compiles the backend's programs: not at the first stroke.
      tf.tidy(() => (member.predict(tf.zeros([1, 28, 28, 1])) as tf.Tensor).dataSync());
      this.members.push(member);
      onMember(this.members.length);
    }
  }

  /** @param image uint8, [28, 28], as MNIST's */
  async vote(image: NdArray<Uint8Array>): Promise<Vote> {
    const started = performance.now();
    this.#view(image, ndarray(this.#input, [28, 28]), { seed: 0, epoch: 0, index: 0 });
    const votes = tf.tidy(() => {
      const input = tf.tensor4d(this.#input, [1, 28, 28, 1]);
      return tf.stack(
        this.members.map((member) => tf.reshape(tf.softmax(member.predict(input) as tf.Tensor2D), [10])),
      );
    });
    const values = (await votes.data()) as Float32Array;
    votes.dispose();
    const members = this.members.map((_, i) => values.slice(i * 10, i * 10 + 10));
    const mean = softVote(members.map((row): Probabilities => ndarray(row, [1, 10])));
    return {
      members,
      mean: Float32Array.from({ length: 10 }, (_, label) => mean.get(0, label)),
      milliseconds: performance.now() - started,
    };
  }
}
