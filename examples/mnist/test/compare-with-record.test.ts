import ndarray from 'ndarray';
import { expect, it } from 'vitest';
import { compareWithRecord, describeComparison } from '../src/experiment/compare-with-record.js';
import { pretrainedNets } from '../src/nets/pretrained-nets.js';
import type { Vote } from '../src/nets/vote-on-dataset.js';

const { recorded } = pretrainedNets();
const { nets, test } = recorded;

/** A vote that answers as recorded, on images whose label is their number's last digit where no mistake says otherwise. */
function voteAs(computedBy: string, change: (answers: number[]) => void = () => {}): Vote {
  const labels = Uint16Array.from({ length: test.count }, (_, image) => image % 10);
  for (const { image, label } of test.mistakes) labels[image] = label;
  const answers = Array.from(labels);
  for (const { image, answer } of test.mistakes) answers[image] = answer;
  change(answers);
  const data = new Float32Array(10 * test.count);
  for (const [image, answer] of answers.entries()) data[10 * image + answer] = 1;
  const members = nets.map(({ errors }) => ({ errors, labels }));
  return { members, probabilities: ndarray(data, [test.count, 10]), computedBy } as unknown as Vote;
}

it('the same answers by the same engine', () => {
  const comparison = compareWithRecord(recorded, voteAs(test.computedBy));
  expect(comparison).toMatchObject({ sameEngine: true, repeatable: true, moved: [], movedNets: [] });
  expect(describeComparison(comparison)).toBe(
    `as recorded: the same ${test.errors} errors, every answer the same (there and here by ${test.computedBy})`,
  );
});

it('names each image that another engine answers otherwise: a new error, a mended one, a mistake of another class', () => {
  const [mended, other] = test.mistakes;
  const right = Array.from({ length: 100 }, (_, i) => i).find(
    (i) => !test.mistakes.some(({ image }) => image === i),
  )!;
  const elsewhere = Array.from({ length: 10 }, (_, i) => i).find(
    (i) => i !== other!.label && i !== other!.answer,
  )!;
  const vote = voteAs('onnx:cpu', (answers) => {
    answers[right] = (right + 1) % 10;
    answers[mended!.image] = mended!.label;
    answers[other!.image] = elsewhere;
  });
  const comparison = compareWithRecord(recorded, vote);
  expect(comparison.sameEngine).toBe(false);
  expect([...comparison.moved].sort((a, b) => a.image - b.image)).toEqual(
    [
      { image: right, label: right % 10, recorded: right % 10, here: (right + 1) % 10 },
      { image: mended!.image, label: mended!.label, recorded: mended!.answer, here: mended!.label },
      { image: other!.image, label: other!.label, recorded: other!.answer, here: elsewhere },
    ].sort((a, b) => a.image - b.image),
  );
  expect(describeComparison(comparison)).toMatch(
    new RegExp(
      `^${test.errors} errors recorded; 3 answers moved \\(there by .*, here by onnx:cpu\\):\\n  test image \\d+, a`,
    ),
  );
});

it.each(['onnx:cpu', 'onnx:webgpu', 'tfjs:tensorflow-gpu'])(
  'tells an answer that %s itself moves as a difference: it need not repeat its bits',
  (computedBy) => {
    const [mended] = test.mistakes;
    const vote = voteAs(computedBy, (answers) => {
      answers[mended!.image] = mended!.label;
    });
    const comparison = compareWithRecord({ ...recorded, test: { ...test, computedBy } }, vote);
    expect(comparison).toMatchObject({ sameEngine: true, repeatable: false, moved: [{}] });
    expect(describeComparison(comparison)).toMatch(
      new RegExp(
        `; 1 answer moved \\(there and here by ${computedBy}\\):\\n  test image ${mended!.image}, a`,
      ),
    );
  },
);

it('an answer that the native engine moves on the same kernels is an error', () => {
  const vote = voteAs(test.computedBy, (answers) => {
    answers[test.mistakes[0]!.image] = test.mistakes[0]!.label;
  });
  expect(compareWithRecord(recorded, vote)).toMatchObject({ repeatable: true, moved: [{}] });
});

it('counts the errors of each net', () => {
  const vote = voteAs('onnx:cpu');
  Object.assign(vote.members[1]!, { errors: nets[1]!.errors + 2 });
  const comparison = compareWithRecord(recorded, vote);
  expect(comparison.movedNets).toEqual([
    { name: nets[1]!.name, recordedErrors: nets[1]!.errors, errors: nets[1]!.errors + 2 },
  ]);
  expect(describeComparison(comparison)).toMatch(
    /1 net alone with another number of errors: 001 \(\d+ there, \d+ here\)$/,
  );
});
