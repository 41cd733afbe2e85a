import { type CommitteeBlock, htmlReport, imageGrid } from '../src/index.js';
import { drawnImages, sampleFigures } from './_samples.js';

const IMAGES = 200;
const CLASSES = 10;

/** Seven nets that are right on most of 200 images; on every fifth some of them are drawn towards another class. */
export function sampleCommittee(memberCount = 7): CommitteeBlock {
  let state = 5;
  const random = () => {
    state = (state * 16_807) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  const labels = Uint8Array.from({ length: IMAGES }, (_, index) => index % CLASSES);
  const members = Array.from({ length: memberCount }, (_, member) => {
    const data = new Float32Array(IMAGES * CLASSES);
    for (let index = 0; index < IMAGES; index++) {
      const hard = index % 5 === 0 ? random() * 1.15 : 0.02 * random();
      const row = data.subarray(index * CLASSES, (index + 1) * CLASSES);
      row.fill(0.002);
      row[labels[index]!] = 1 - Math.min(0.98, hard);
      row[(labels[index]! + 4) % CLASSES]! += Math.min(0.98, hard);
      const sum = row.reduce((total, value) => total + value, 0);
      row.forEach((value, k) => {
        row[k] = value / sum;
      });
    }
    return { name: `net ${member + 1}`, probabilities: { data, shape: [IMAGES, CLASSES] } };
  });
  return {
    kind: 'committee',
    images: drawnImages(IMAGES),
    labels,
    members,
    views: [0, 5, 10, 15, 20, 25].map((index) => ({ index, images: drawnImages(8) })),
    caption: 'Invented nets.',
  };
}

/** A page with everything that a report can hold. */
export function sampleReport(committee = sampleCommittee()): Promise<string> {
  const figures = sampleFigures();
  return htmlReport({
    title: 'A committee of 7 nets on drawn images',
    subtitle: 'Invented numbers, to show the page.',
    notice: 'Synthetic digits: these results say nothing about MNIST.',
    sections: [
      {
        heading: 'Result',
        blocks: [
          {
            kind: 'keyFigures',
            items: [
              { label: 'Committee', value: '99.82 %', detail: '18 errors in 10,000' },
              { label: 'Mean single net', value: '99.74 %', detail: '35 nets' },
            ],
          },
          {
            kind: 'table',
            columns: ['Committee', { label: 'Accuracy, %', decimals: 2 }, 'Errors'],
            rows: [
              ['5 nets', 99.8, 20],
              ['15 nets', 99.82, null],
              ['one net', 99.74, 26],
            ],
          },
          { kind: 'figure', figure: figures['accuracy-dot-plot']! },
          { kind: 'figure', figure: figures['committee-curve-plot']!, caption: 'Random committees.' },
        ],
      },
      {
        heading: 'Training',
        blocks: [
          {
            kind: 'figure',
            figure: imageGrid({
              images: drawnImages(16),
              columns: 8,
              captions: Array.from({ length: 16 }, (_, index) =>
                index % 8 === 0 ? 'stored (7)' : `epoch ${index % 8}`,
              ),
            }),
          },
          { kind: 'figure', figure: figures['lr-find-plot']! },
          { kind: 'figure', figure: figures['loss-plot']! },
          { kind: 'figure', figure: figures['learning-rate-plot']! },
        ],
      },
      {
        heading: 'Mistakes',
        blocks: [committee, { kind: 'figure', figure: figures['confusion-matrix-plot']! }],
      },
      {
        heading: 'How this was made',
        blocks: [{ kind: 'code', text: 'npx example-mnist run --preset quick' }],
      },
    ],
    footer: 'the end',
  });
}
