// Invented data of the size and shape that a real run has.

/** Park-Miller: the same pictures on every machine. */
function seededNumbers(seed) {
  let state = seed;
  return () => {
    state = (state * 16_807) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** Strokes of the digits in a unit square. */
const STROKES = {
  1: [
    [0.4, 0.25, 0.55, 0.15],
    [0.55, 0.15, 0.5, 0.85],
  ],
  4: [
    [0.6, 0.15, 0.25, 0.6],
    [0.25, 0.6, 0.75, 0.6],
    [0.62, 0.4, 0.58, 0.88],
  ],
  7: [
    [0.25, 0.2, 0.75, 0.2],
    [0.75, 0.2, 0.45, 0.85],
  ],
  2: [
    [0.28, 0.3, 0.5, 0.15],
    [0.5, 0.15, 0.7, 0.32],
    [0.7, 0.32, 0.28, 0.82],
    [0.28, 0.82, 0.75, 0.82],
  ],
  5: [
    [0.7, 0.17, 0.35, 0.17],
    [0.35, 0.17, 0.33, 0.48],
    [0.33, 0.48, 0.65, 0.5],
    [0.65, 0.5, 0.66, 0.75],
    [0.66, 0.75, 0.3, 0.83],
  ],
};

function drawDigits(labels, random) {
  const data = new Uint8Array(labels.length * 784);
  labels.forEach((label, index) => {
    const [slant, dx, dy, thick] = [
      random() * 0.3 - 0.15,
      random() * 3 - 1.5,
      random() * 3 - 1.5,
      1 + random() * 0.8,
    ];
    for (let y = 0; y < 28; y++) {
      for (let x = 0; x < 28; x++) {
        let nearest = 99;
        for (const [x0, y0, x1, y1] of STROKES[label]) {
          const [ax, ay, bx, by] = [
            x0 * 28 + dx - slant * (y0 - 0.5) * 28,
            y0 * 28 + dy,
            x1 * 28 + dx - slant * (y1 - 0.5) * 28,
            y1 * 28 + dy,
          ];
          const along = Math.max(
            0,
            Math.min(1, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / ((bx - ax) ** 2 + (by - ay) ** 2)),
          );
          nearest = Math.min(nearest, Math.hypot(x - ax - along * (bx - ax), y - ay - along * (by - ay)));
        }
        data[index * 784 + y * 28 + x] = Math.max(0, Math.min(255, 255 * (thick + 0.5 - nearest)));
      }
    }
  });
  return { data, shape: [labels.length, 28, 28] };
}

export function galleryFigures(viz) {
  const random = seededNumbers(11);
  const note = 'Invented numbers, to show the figure.';
  const labels = Array.from({ length: 27 }, (_, index) => [7, 2, 1, 4, 5][index % 5]);
  const images = drawDigits(labels, random);
  const loss = Array.from(
    { length: 6600 },
    (_, step) =>
      2.3 * Math.exp(-step / 150) + (0.06 * Math.exp(-step / 2500) + 0.004) * (0.3 + 1.7 * random() ** 2),
  );
  const heldOut = Array.from(
    { length: 11 },
    (_, epoch) => 0.05 * Math.exp(-epoch / 4) + 0.011 + 0.002 * random(),
  );
  const rates = Array.from({ length: 390 }, (_, step) => 1e-6 * 10 ** ((7 * step) / 499));
  const smooth = rates.map((rate) => 2.3 / (1 + (rate / 1.5e-3) ** 1.1) + 0.12 + (rate / 0.08) ** 3);
  const around = (centre, count, spread) =>
    Array.from(
      { length: count },
      () => Math.round((centre + (random() + random() + random() - 1.5) * spread) * 1e4) / 1e4,
    );
  const paper = (step) =>
    step < 6000
      ? 4e-4 * 0.1 ** (step / 6000)
      : 4e-5 * (0.001 + (0.999 * (1 + Math.cos((Math.PI * (step - 6000)) / 600))) / 2);
  const matrix = Array.from({ length: 10 }, (_, row) =>
    Array.from({ length: 10 }, (_, column) => (row === column ? 980 - 7 * row : 0)),
  );
  for (const [row, column, count] of [
    [4, 9, 4],
    [6, 0, 2],
    [7, 1, 2],
    [3, 5, 2],
    [9, 4, 1],
    [5, 3, 1],
    [2, 7, 1],
    [8, 3, 1],
    [9, 7, 1],
    [1, 7, 1],
  ]) {
    matrix[row][column] = count;
  }
  return {
    'loss-plot': viz.lossPlot({
      series: [
        { name: 'Training', loss },
        { name: 'Held out', step: heldOut.map((_, epoch) => 600 * (epoch + 1) - 1), loss: heldOut },
      ],
      stepsPerEpoch: 600,
      subtitle: 'compactNet, 10 + 1 epochs of 600 steps, batch 100, seed 1',
      note,
    }),
    'learning-rate-plot': viz.learningRatePlot({
      learningRate: Array.from({ length: 6600 }, (_, step) => paper(step)),
      stepsPerEpoch: 600,
      subtitle: '10 epochs exponential, 1 epoch cosine to a thousandth',
    }),
    'schedule-plot': viz.schedulePlot({
      title: 'Three schedules for 11 epochs',
      steps: 6600,
      stepsPerEpoch: 600,
      schedules: [
        { name: 'exponential', value: paper },
        {
          name: 'one cycle',
          value: (step) => (step < 2000 ? 1e-4 + (9e-4 * step) / 2000 : 1e-3 * (1 - (step - 2000) / 4600)),
        },
        { name: 'constant', value: 3e-4 },
      ],
    }),
    'lr-find-plot': viz.lrFindPlot({
      learningRate: rates,
      loss: smooth.map((value) => value * (0.8 + 0.4 * random())),
      smoothedLoss: smooth,
      suggestions: { steepest: 1.2e-3, valley: 2.6e-3, 'minimum / 10': 3.1e-3 },
      subtitle: 'compactNet, batch 100; stopped when the loss passed 4 times its best',
      note,
    }),
    'committee-curve-plot': viz.committeeCurvePlot({
      points: [1, 2, 3, 5, 7, 10, 15, 20, 25, 35, 50, 75, 100, 150, 200, 250].map((size) => {
        const mean = 0.9984 - 0.001 / size ** 0.75;
        const half = 0.0004 * Math.sqrt((250 - size) / 250 / size ** 0.6);
        return { size, mean, lower: mean - half, upper: mean + half };
      }),
      count: 10_000,
      confidence: 0.95,
      references: { 'Doucet 2019': 0.9982 },
      subtitle: '250 nets; 100 random committees of each size',
      note,
    }),
    'accuracy-dot-plot': viz.accuracyDotPlot({
      groups: [
        { name: 'single nets', accuracies: around(0.99745, 35, 0.0004) },
        { name: 'committees of 5', accuracies: around(0.9979, 7, 0.0002) },
        { name: 'committees of 15', accuracies: around(0.9982, 7, 0.0001) },
        { name: 'all 35', accuracies: [0.9983] },
      ],
      count: 10_000,
      subtitle: '35 nets, and 7 random committees of each size',
      note,
    }),
    'interval-plot': viz.intervalPlot({
      intervals: [
        { name: 'one cycle', mean: 0.5, lower: -0.4, upper: 1.44 },
        { name: 'elastic fields', mean: 0.86, lower: -0.35, upper: 1.97 },
        { name: 'wider', mean: -1.1, lower: -1.9, upper: -0.4 },
      ],
      quantity: 'Loss less the first recipe’s (thousandths of a nat an image)',
      title: 'Recipes on held-out images',
      note,
    }),
    'confusion-matrix-plot': viz.confusionMatrixPlot({ matrix, note }),
    'image-grid': viz.imageGrid({
      images,
      captions: labels,
      title: 'Digits',
      note: 'Drawn digits, not MNIST.',
    }),
    'mistakes-grid': viz.mistakesGrid({
      images,
      mistakes: [2, 3, 5, 8, 9, 13, 16, 21, 24].map((index, position) => ({
        index,
        label: labels[index],
        predicted: (labels[index] + 4) % 10,
        confidence: 0.52 + position / 20,
        votes: Array.from({ length: 10 }, (_, k) =>
          k === (labels[index] + 4) % 10 ? 18 + position : k === labels[index] ? 17 - position : 0,
        ),
      })),
      subtitle: '35 nets, soft vote',
      note: 'Drawn digits, not MNIST.',
    }),
  };
}
