import ndarray from 'ndarray';
import { describe, expect, it } from 'vitest';
import {
  accuracy,
  accuracyInterval,
  agreement,
  calibration,
  classifierFrom,
  committeeCurve,
  committeeTrials,
  EnsembleError,
  evaluate,
  hardVote,
  mcnemar,
  misclassified,
  perClass,
  selectBestSubset,
  shiftView,
  softmax,
  softVote,
  testTimeAugmentation,
  VotingClassifier,
  weightedVote,
} from '../src/index.js';
import { table } from './_fixtures.js';

const good = table([0.25, 0.75], [0.5, 0.5]);
const labels = [1, 0];
const population = { probabilities: [good, good], labels };
const trials = { ...population, size: 1 };
const net = classifierFrom({
  name: 'net',
  classCount: 2,
  predict: ({ shape }) => ndarray(new Float32Array(shape[0]! * 2), [shape[0]!, 2]),
});
const three = classifierFrom({ name: 'three', classCount: 3, predict: () => table([0, 0, 0]) });
const one = ndarray(new Float32Array(4), [1, 2, 2, 1]);

const cases: [code: string, text: RegExp, call: () => unknown][] = [
  [
    'unknown-option',
    /unknown option "trails".*trials/,
    () => committeeTrials({ ...trials, trails: 3 } as never),
  ],
  ['unknown-option', /unknown option "colour"/, () => calibration(good, labels, { colour: 1 } as never)],
  [
    'invalid-option',
    /size is 3; expected an integer of at least 1 and at most 2/,
    () => committeeTrials({ ...trials, size: 3 }),
  ],
  ['invalid-option', /size is 0/, () => committeeTrials({ ...trials, size: 0 })],
  ['invalid-option', /trials is 2\.5/, () => committeeTrials({ ...trials, trials: 2.5 })],
  ['invalid-option', /seed is NaN/, () => committeeTrials({ ...trials, seed: Number.NaN })],
  ['invalid-option', /vote is loud/, () => committeeTrials({ ...trials, vote: 'loud' as never })],
  ['invalid-option', /sizes\[1\] is 9/, () => committeeCurve({ ...population, sizes: [1, 9] })],
  ['no-data', /sizes is empty/, () => committeeCurve({ ...population, sizes: [] })],
  ['no-data', /non-empty list/, () => softVote([])],
  [
    'invalid-probabilities',
    /row 1: \[NaN, 0\.5\] is not a distribution/,
    () => softVote([table([1, 0], [Number.NaN, 0.5])]),
  ],
  [
    'invalid-probabilities',
    /probabilities\[1\], row 0: \[3, -2\]/,
    () => committeeTrials({ ...trials, probabilities: [good, table([3, -2], [1, 0])] }),
  ],
  ['invalid-probabilities', /Pass softmax outputs/, () => calibration(table([4, 2], [1, 0]), labels)],
  ['invalid-probabilities', /wrap plain data with ndarray/, () => accuracy([[1, 0]] as never, [0])],
  [
    'shape-mismatch',
    /probabilities\[1\]: shape \[1, 2\] differs from \[2, 2\]/,
    () => softVote([good, table([1, 0])]),
  ],
  [
    'shape-mismatch',
    /shape \[4\]; expected \[count, classes\]/,
    () => accuracy(ndarray(new Float32Array(4)) as never, labels),
  ],
  [
    'shape-mismatch',
    /1 values for shape \[2, 2\]/,
    () => accuracy(ndarray(new Float32Array(1), [2, 2]), labels),
  ],
  ['shape-mismatch', /3 labels for 2 rows/, () => accuracy(good, [0, 1, 1])],
  ['invalid-labels', /labels\[1\] is 2; expected a class index from 0 to 1/, () => accuracy(good, [0, 2])],
  ['invalid-labels', /labels\[0\] is 0\.5/, () => accuracy(good, [0.5, 1])],
  ['invalid-labels', /found string/, () => accuracy(good, 'no' as never)],
  ['shape-mismatch', /labels: shape \[2, 2\]/, () => accuracy(good, ndarray(new Uint8Array(4), [2, 2]))],
  ['no-data', /no images/, () => accuracy(ndarray(new Float32Array(0), [0, 2]), [])],
  [
    'no-data',
    /no images/,
    () => committeeTrials({ probabilities: [ndarray(new Float32Array(0), [0, 2])], labels: [], size: 1 }),
  ],
  ['no-data', /one member/, () => agreement([good], labels)],
  ['shape-mismatch', /1 rows in the first, 2/, () => mcnemar(table([1, 0]), good, labels)],
  ['shape-mismatch', /weights: found 1; expected a list of 2/, () => weightedVote([good, good], [1])],
  ['invalid-option', /weights\[1\] is -1/, () => weightedVote([good, good], [1, -1])],
  ['invalid-option', /weights are all 0/, () => weightedVote([good, good], [0, 0])],
  ['invalid-option', /tieBreak is coin/, () => hardVote([good], { tieBreak: 'coin' as never })],
  ['invalid-option', /correct is 11; expected 0 to count, which is 10/, () => accuracyInterval(11, 10)],
  ['invalid-option', /count is 0/, () => accuracyInterval(0, 0)],
  ['invalid-option', /confidence is 95/, () => accuracyInterval(1, 2, { confidence: 95 })],
  ['invalid-option', /method is wald/, () => accuracyInterval(1, 2, { method: 'wald' as never })],
  ['invalid-option', /correct is 1\.5/, () => accuracyInterval(1.5, 2, { method: 'clopperPearson' })],
  ['invalid-option', /floor is 0/, () => calibration(good, labels, { floor: 0 })],
  ['invalid-option', /order is size/, () => misclassified(good, labels, { order: 'size' as never })],
  [
    'shape-mismatch',
    /members\[0\]: shape \[1, 2\]/,
    () => misclassified(good, labels, { members: [table([1, 0])] }),
  ],
  ['shape-mismatch', /row 1 has 1 columns/, () => perClass([[1, 0], [0]])],
  [
    'shape-mismatch',
    /selection\.probabilities has 1 nets/,
    () => selectBestSubset({ ...trials, selection: { probabilities: [good], labels } }),
  ],
  [
    'invalid-logits',
    /row 0, class 1 is Infinity.*diverged/,
    () => softmax(table([0, Number.POSITIVE_INFINITY])),
  ],
  ['no-data', /no members/, () => new VotingClassifier([])],
  ['shape-mismatch', /"three" has 3 classes, "net" has 2/, () => new VotingClassifier([net, three])],
  [
    'invalid-option',
    /tieBreak is for voting: 'hard'/,
    () => new VotingClassifier([net], { tieBreak: 'lowestClass' }),
  ],
  [
    'invalid-option',
    /classCount is 1/,
    () => classifierFrom({ name: 'x', classCount: 1, predict: () => good }),
  ],
  ['invalid-option', /predict is undefined/, () => classifierFrom({ name: 'x', classCount: 2 } as never)],
  ['invalid-option', /non-empty list of functions/, () => testTimeAugmentation(net, [])],
  ['invalid-option', /dx is 0\.5/, () => shiftView(0.5, 0)],
  ['invalid-images', /float32 ndarray NHWC/, () => net.classify(ndarray(new Float32Array(4), [2, 2]))],
  [
    'shape-mismatch',
    /"three": predict gave shape \[1, 3\] for 2 images/,
    () => three.classify(ndarray(new Float32Array(8), [2, 2, 2, 1])),
  ],
  ['shape-mismatch', /2 labels for 1 rows/, () => evaluate(net, { images: one, labels: [0, 1] })],
  ['no-data', /no images/, () => evaluate(net, [])],
];

describe('errors name what was found, what was expected and the remedy', () => {
  it.each(cases)('%s: %s', async (code, text, call) => {
    const error = await Promise.resolve()
      .then(call)
      .then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
    expect(error).toBeInstanceOf(EnsembleError);
    expect(error).toMatchObject({ name: 'EnsembleError', code });
    expect((error as Error).message).toMatch(text);
  });
});
