import { describe, expect, it } from 'vitest';
import { accuracyDotPlot } from '../src/accuracy-dot-plot.js';
import { committeeCurvePlot } from '../src/committee-curve-plot.js';
import { confusionMatrixPlot } from '../src/confusion-matrix-plot.js';
import { intervalPlot } from '../src/interval-plot.js';
import { learningRatePlot } from '../src/learning-rate-plot.js';
import { lossPlot } from '../src/loss-plot.js';
import { lrFindPlot } from '../src/lr-find-plot.js';
import { schedulePlot } from '../src/schedule-plot.js';

const series = (loss: number[]) => ({ series: [{ name: 'Training', loss }] });

describe('gaps', () => {
  it('breaks the line where a loss is not finite, and says how many', async () => {
    const whole = lossPlot(series([3, 2, 1.5, 1.2, 1, 0.9]));
    const broken = lossPlot(series([3, 2, Number.NaN, Number.POSITIVE_INFINITY, 1, 0.9]));
    const lines = (svg: string) => svg.match(/class="viz-line"[^>]* d="([^"]*)"/)![1]!.match(/M/g)!.length;
    expect(lines(whole.toSvg())).toBe(1);
    expect(lines(broken.toSvg())).toBe(2);
    expect(broken.toTerminal()).toContain('2 losses could not be drawn');
  });

  it('draws a value between two gaps as a dot', async () => {
    const svg = lossPlot(series([3, Number.NaN, 1, Number.NaN, 0.5, 0.4])).toSvg();
    expect(svg).toMatch(/fill="#0072b2"/);
  });

  it('leaves zeros out of a logarithmic axis, and draws them on a linear one', () => {
    expect(lossPlot(series([1, 0, 0.5])).toTerminal()).toContain('1 loss could not be drawn');
    expect(lossPlot({ ...series([1, 0, 0.5]), scale: 'linear' }).toTerminal()).not.toContain('could not');
  });

  it('leaves out committees and accuracies that are NaN', () => {
    const points = [
      { size: 1, mean: 0.99 },
      { size: 5, mean: Number.NaN },
      { size: 9, mean: 0.995 },
    ];
    expect(committeeCurvePlot({ points }).toTerminal()).toContain('1 size could not be drawn');
    const groups = [
      { name: 'nets', accuracies: new Float32Array([0.99, Number.NaN]) },
      { name: 'none', accuracies: [] },
    ];
    expect(accuracyDotPlot({ groups }).toTerminal()).toContain('1 accuracy could not be drawn');
  });
});

describe('one value', () => {
  it.each([
    ['loss', lossPlot(series([0.5]))],
    ['rate', learningRatePlot({ learningRate: [1e-3], momentum: [0.9] })],
    ['schedule', schedulePlot({ schedules: [{ name: 'constant', value: 0 }], steps: 1 })],
    ['range test', lrFindPlot({ learningRate: [1e-3], loss: [1], suggestions: { only: 1e-3 } })],
    ['curve', committeeCurvePlot({ points: [{ size: 1, mean: 1, lower: 1, upper: 1 }] })],
    ['dots', accuracyDotPlot({ groups: [{ name: 'net', accuracies: [1] }] })],
  ])('%s is drawn', async (_, figure) => {
    expect(figure.toSvg()).not.toMatch(/NaN|Infinity|undefined/);
    expect(figure.toTerminal()).not.toMatch(/NaN|Infinity|undefined/);
  });
});

describe('bad input', () => {
  it.each([
    [() => lossPlot({ series: [] }), 'NO_DATA', /series has 0 entries; expected 1 to 6/],
    [() => lossPlot(series([])), 'NO_DATA', /loss is empty/],
    [() => lossPlot(series([Number.NaN, 0])), 'NO_DATA', /no finite value above 0 among 2/],
    [
      () => lossPlot({ series: [{ name: 'a', step: [1], loss: [1, 2] }] }),
      'INVALID_DATA',
      /1 step and 2 loss/,
    ],
    [
      () => lossPlot({ series: [{ name: 'a', loss: ['1'] as never }] }),
      'INVALID_DATA',
      /loss\[0\] is 1; expected a number/,
    ],
    [() => lossPlot({ ...series([1]), smooth: 0.9 } as never), 'INVALID_OPTION', /unknown option "smooth"/],
    [
      () => lossPlot({ ...series([1]), scale: 'sqrt' as never }),
      'INVALID_OPTION',
      /scale is "sqrt"; expected one of "log", "linear"/,
    ],
    [
      () => lossPlot({ ...series([1]), title: 3 as never }),
      'INVALID_OPTION',
      /title is 3; expected a string/,
    ],
    [() => lossPlot(undefined as never), 'INVALID_OPTION', /the options are undefined; expected an object/],
    [
      () => learningRatePlot({ learningRate: [1, 2], momentum: [0.9] }),
      'INVALID_DATA',
      /2 step and 1 momentum/,
    ],
    [
      () => schedulePlot({ schedules: [{ name: 'a', value: () => '1' as never }], steps: 10 }),
      'INVALID_DATA',
      /'a' gives 1 at step 0/,
    ],
    [() => schedulePlot({ schedules: [{ name: 'a', value: 1 }], steps: 0 }), 'INVALID_OPTION', /steps is 0/],
    [
      () => lrFindPlot({ learningRate: [0, 1], loss: [1, 1] }),
      'INVALID_DATA',
      /learningRate\[0\] is 0; expected a number above 0/,
    ],
    [
      () => lrFindPlot({ learningRate: [1], loss: [1], suggestions: { valley: Number.NaN } }),
      'INVALID_DATA',
      /suggestions.valley is NaN/,
    ],
    [() => committeeCurvePlot({ points: [] }), 'NO_DATA', /points is empty/],
    [() => committeeCurvePlot({ points: [{ size: 0, mean: 1 }] }), 'INVALID_OPTION', /points\[0\].size is 0/],
    [() => accuracyDotPlot({ groups: [] }), 'NO_DATA', /groups is empty/],
    [() => intervalPlot({ intervals: [], quantity: 'loss' }), 'NO_DATA', /intervals is empty/],
    [
      () => intervalPlot({ intervals: [{ name: 'a', mean: 2, lower: 0, upper: 1 }], quantity: 'loss' }),
      'INVALID_DATA',
      /intervals\[0\] is .*expected/,
    ],
    [
      () => confusionMatrixPlot({ matrix: [[1, 2], [3]] }),
      'INVALID_DATA',
      /matrix\[1\] has 1 counts; expected 2/,
    ],
    [
      () =>
        confusionMatrixPlot({
          matrix: [
            [1, 0.5],
            [0, 1],
          ],
        }),
      'INVALID_DATA',
      /matrix\[0\]\[1\] is 0.5; expected a count/,
    ],
    [
      () =>
        confusionMatrixPlot({
          matrix: [
            [0, 0],
            [0, 0],
          ],
        }),
      'NO_DATA',
      /every count of matrix is 0/,
    ],
    [
      () =>
        confusionMatrixPlot({
          matrix: [
            [1, 0],
            [0, 1],
          ],
          classNames: ['a'],
        }),
      'INVALID_DATA',
      /1 classNames for 2 classes/,
    ],
  ])('%#', (draw, code, message) => {
    expect(draw).toThrow(
      expect.objectContaining({ name: 'VizError', code, message: expect.stringMatching(message) }),
    );
  });
});

it('draws 100,000 losses as a short path', async () => {
  const loss = Float32Array.from({ length: 100_000 }, (_, step) => 1 / (1 + step));
  const svg = lossPlot({ series: [{ name: 'Training', loss }] }).toSvg();
  expect(svg.length).toBeLessThan(40_000);
});
