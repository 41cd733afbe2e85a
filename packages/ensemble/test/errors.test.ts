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
  softmax,
  softVote,
  testTimeAugmentation,
  VotingClassifier,
  viewFrom,
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
    'INVALID_OPTION',
    /unknown option "trails".*trials/,
    () => committeeTrials({ ...trials, trails: 3 } as never),
  ],
  ['INVALID_OPTION', /unknown option "colour"/, () => calibration(good, labels, { colour: 1 } as never)],
  [
    'INVALID_OPTION',
    /size is 3; expected a whole number from 1 to 2/,
    () => committeeTrials({ ...trials, size: 3 }),
  ],
  ['INVALID_OPTION', /size is 0/, () => committeeTrials({ ...trials, size: 0 })],
  ['INVALID_OPTION', /trials is 2\.5/, () => committeeTrials({ ...trials, trials: 2.5 })],
  ['INVALID_OPTION', /seed is NaN/, () => committeeTrials({ ...trials, seed: Number.NaN })],
  ['INVALID_OPTION', /vote is "loud"/, () => committeeTrials({ ...trials, vote: 'loud' as never })],
  ['INVALID_OPTION', /sizes\[1\] is 9/, () => committeeCurve({ ...population, sizes: [1, 9] })],
  ['NO_DATA', /sizes is empty/, () => committeeCurve({ ...population, sizes: [] })],
  ['NO_DATA', /non-empty list/, () => softVote([])],
  [
    'INVALID_PROBABILITIES',
    /row 1: \[NaN, 0\.5\] is not a distribution/,
    () => softVote([table([1, 0], [Number.NaN, 0.5])]),
  ],
  [
    'INVALID_PROBABILITIES',
    /probabilities\[1\], row 0: \[3, -2\]/,
    () => committeeTrials({ ...trials, probabilities: [good, table([3, -2], [1, 0])] }),
  ],
  ['INVALID_PROBABILITIES', /Pass softmax outputs/, () => calibration(table([4, 2], [1, 0]), labels)],
  ['INVALID_PROBABILITIES', /wrap plain data with ndarray/, () => accuracy([[1, 0]] as never, [0])],
  [
    'SHAPE_MISMATCH',
    /probabilities\[1\]: shape \[1, 2\] differs from \[2, 2\]/,
    () => softVote([good, table([1, 0])]),
  ],
  [
    'SHAPE_MISMATCH',
    /shape \[4\]; expected \[count, classes\]/,
    () => accuracy(ndarray(new Float32Array(4)) as never, labels),
  ],
  [
    'SHAPE_MISMATCH',
    /1 values for shape \[2, 2\]/,
    () => accuracy(ndarray(new Float32Array(1), [2, 2]), labels),
  ],
  ['SHAPE_MISMATCH', /3 labels for 2 rows/, () => accuracy(good, [0, 1, 1])],
  ['INVALID_LABELS', /labels\[1\] is 2; expected a class index from 0 to 1/, () => accuracy(good, [0, 2])],
  ['INVALID_LABELS', /labels\[0\] is 0\.5/, () => accuracy(good, [0.5, 1])],
  ['INVALID_LABELS', /found string/, () => accuracy(good, 'no' as never)],
  ['SHAPE_MISMATCH', /labels: shape \[2, 2\]/, () => accuracy(good, ndarray(new Uint8Array(4), [2, 2]))],
  ['NO_DATA', /no images/, () => accuracy(ndarray(new Float32Array(0), [0, 2]), [])],
  [
    'NO_DATA',
    /no images/,
    () => committeeTrials({ probabilities: [ndarray(new Float32Array(0), [0, 2])], labels: [], size: 1 }),
  ],
  ['NO_DATA', /one member/, () => agreement([good], labels)],
  ['SHAPE_MISMATCH', /1 rows in the first, 2/, () => mcnemar(table([1, 0]), good, labels)],
  ['SHAPE_MISMATCH', /weights: found 1; expected a list of 2/, () => weightedVote([good, good], [1])],
  ['INVALID_OPTION', /weights\[1\] is -1/, () => weightedVote([good, good], [1, -1])],
  ['INVALID_OPTION', /weights are all 0/, () => weightedVote([good, good], [0, 0])],
  ['INVALID_OPTION', /tieBreak is "coin"/, () => hardVote([good], { tieBreak: 'coin' as never })],
  ['INVALID_OPTION', /correct is 11; expected a finite number from 0 to 10/, () => accuracyInterval(11, 10)],
  ['INVALID_OPTION', /count is 0/, () => accuracyInterval(0, 0)],
  ['INVALID_OPTION', /confidence is 95/, () => accuracyInterval(1, 2, { confidence: 95 })],
  ['INVALID_OPTION', /method is "wald"/, () => accuracyInterval(1, 2, { method: 'wald' as never })],
  ['INVALID_OPTION', /correct is 1\.5/, () => accuracyInterval(1.5, 2, { method: 'clopperPearson' })],
  ['INVALID_OPTION', /floor is 0/, () => calibration(good, labels, { floor: 0 })],
  ['INVALID_OPTION', /order is "size"/, () => misclassified(good, labels, { order: 'size' as never })],
  [
    'SHAPE_MISMATCH',
    /members\[0\]: shape \[1, 2\]/,
    () => misclassified(good, labels, { members: [table([1, 0])] }),
  ],
  ['SHAPE_MISMATCH', /row 1 has 1 columns/, () => perClass([[1, 0], [0]])],
  [
    'SHAPE_MISMATCH',
    /selection\.probabilities has 1 nets/,
    () => selectBestSubset({ ...trials, selection: { probabilities: [good], labels } }),
  ],
  [
    'INVALID_LOGITS',
    /row 0, class 1 is Infinity.*diverged/,
    () => softmax(table([0, Number.POSITIVE_INFINITY])),
  ],
  ['NO_DATA', /no members/, () => new VotingClassifier([])],
  ['SHAPE_MISMATCH', /"three" has 3 classes, "net" has 2/, () => new VotingClassifier([net, three])],
  [
    'INVALID_OPTION',
    /tieBreak is for voting: 'hard'/,
    () => new VotingClassifier([net], { tieBreak: 'lowestClass' }),
  ],
  [
    'INVALID_OPTION',
    /classCount is 1/,
    () => classifierFrom({ name: 'x', classCount: 1, predict: () => good }),
  ],
  ['INVALID_OPTION', /predict is undefined/, () => classifierFrom({ name: 'x', classCount: 2 } as never)],
  ['INVALID_OPTION', /non-empty list of functions/, () => testTimeAugmentation(net, [])],
  ['INVALID_OPTION', /transform is undefined; expected a function/, () => viewFrom(undefined as never)],
  [
    'INVALID_IMAGES',
    /3 channels; expected 1/,
    () => viewFrom(() => {})(ndarray(new Float32Array(3), [1, 1, 1, 3])),
  ],
  ['INVALID_IMAGES', /float32 ndarray NHWC/, () => net.classify(ndarray(new Float32Array(4), [2, 2]))],
  [
    'SHAPE_MISMATCH',
    /"three": predict gave shape \[1, 3\] for 2 images/,
    () => three.classify(ndarray(new Float32Array(8), [2, 2, 2, 1])),
  ],
  ['SHAPE_MISMATCH', /2 labels for 1 rows/, () => evaluate(net, { images: one, labels: [0, 1] })],
  ['NO_DATA', /no images/, () => evaluate(net, [])],
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
