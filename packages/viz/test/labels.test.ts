import { describe, expect, it } from 'vitest';
import { FONT_FILES, svgToPng } from '../src/_svg-to-png.js';
import {
  accuracyDotPlot,
  confusionMatrixPlot,
  imageGrid,
  intervalPlot,
  lossPlot,
  mistakesGrid,
} from '../src/index.js';
import { drawnImages } from './_samples.js';

describe('control characters in labels', () => {
  const nasty = `a${Array.from({ length: 32 }, (_, code) => String.fromCharCode(code)).join('')}\u007f\u0085\u2028\ufffe\uffff\ud800z`;
  const images = drawnImages(2);
  it.each([
    [
      'lossPlot',
      lossPlot({ series: [{ name: nasty, loss: [2, 1] }], title: nasty, lossLabel: nasty, note: nasty }),
    ],
    [
      'accuracyDotPlot',
      accuracyDotPlot({ groups: [{ name: nasty, accuracies: [0.9, 0.8] }], subtitle: nasty }),
    ],
    [
      'confusionMatrixPlot',
      confusionMatrixPlot({
        matrix: [
          [3, 1],
          [0, 4],
        ],
        classNames: [nasty, 'b'],
      }),
    ],
    [
      'intervalPlot',
      intervalPlot({ intervals: [{ name: nasty, mean: 0, lower: -1, upper: 1 }], quantity: nasty }),
    ],
    ['imageGrid', imageGrid({ images, captions: [nasty, [nasty, nasty]] })],
    [
      'mistakesGrid',
      mistakesGrid({ images, classNames: [nasty, 'b'], mistakes: [{ index: 0, label: 0, predicted: 1 }] }),
    ],
  ])('%s stays well-formed XML and is drawn', async (_, figure) => {
    const svg = figure.toSvg();
    // What XML 1.0 allows: tab, line breaks, and everything from the space on but surrogates, U+FFFE and U+FFFF.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(svg).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/u);
    expect((await figure.toPng({ scale: 0.5 })).length).toBeGreaterThan(100);
  });
});

describe('a PNG of words that Inter does not have', () => {
  const svg = (words: string) =>
    `<svg xmlns="http://www.w3.org/2000/svg" width="200" height="30" font-family="Inter"><text x="5" y="20" font-size="14">${words}</text></svg>`;

  it('spells them where no font has them', async () => {
    const found = await svgToPng(svg('つレ漢 → a'), 1, false);
    expect(Buffer.from(found).equals(Buffer.from(await svgToPng(svg('tsureU+6F22 → a'), 1, false)))).toBe(
      true,
    );
  });

  it('never shows empty boxes, whatever fonts this machine has', async () => {
    const { Resvg } = await import('@resvg/resvg-js');
    const boxes = new Resvg(svg('お漢'), {
      font: { loadSystemFonts: false, fontFiles: FONT_FILES },
    }).render();
    expect(Buffer.from(await svgToPng(svg('お漢'), 1)).equals(boxes.asPng())).toBe(false);
  });
});
