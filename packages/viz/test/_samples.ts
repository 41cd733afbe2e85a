import {
  accuracyDotPlot,
  committeeCurvePlot,
  confusionMatrixPlot,
  type Figure,
  imageGrid,
  intervalPlot,
  learningRatePlot,
  lossPlot,
  lrFindPlot,
  mistakesGrid,
  schedulePlot,
} from '../src/index.js';

/** Park-Miller: the same numbers on every machine. */
function seededNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 16_807) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

const note = 'Synthetic digits, not MNIST.';

/** Rings and bars, which are enough to see rows, columns and greys. */
export function drawnImages(count: number, side = 28): { data: Uint8Array; shape: number[] } {
  const data = new Uint8Array(count * side * side);
  for (let index = 0; index < count; index++) {
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        const radius = Math.hypot(x - side / 2, y - side / 2);
        const ring = Math.max(0, 255 - Math.abs(radius - side * (0.2 + 0.015 * (index % 10))) * 110);
        const bar = index % 2 === 1 && Math.abs(x - side / 2) < 1.5 ? 255 : 0;
        data[(index * side + y) * side + x] = Math.max(ring, bar);
      }
    }
  }
  return { data, shape: [count, side, side] };
}

/** One of each kind, with data as a run gives them. */
export function sampleFigures(): Record<string, Figure> {
  const random = seededNumbers(7);
  const loss = Array.from(
    { length: 2200 },
    (_, step) =>
      2.3 * Math.exp(-step / 60) + (0.05 * Math.exp(-step / 900) + 0.004) * (0.3 + 1.7 * random() ** 2),
  );
  const heldOut = Array.from({ length: 11 }, (_, epoch) => 0.05 * Math.exp(-epoch / 4) + 0.011);
  const rates = Array.from({ length: 380 }, (_, step) => 1e-6 * 10 ** ((7 * step) / 499));
  const smooth = rates.map((rate) => 2.3 / (1 + (rate / 1.5e-3) ** 1.1) + 0.12 + (rate / 0.08) ** 3);
  const sizes = [1, 2, 3, 5, 7, 10, 15, 20, 25, 35, 50, 75, 100, 150, 200, 250];
  const around = (centre: number, count: number, spread: number) =>
    Array.from({ length: count }, () => {
      const sum = random() + random() + random() - 1.5;
      return Math.round((centre + sum * spread) * 1e4) / 1e4;
    });
  const matrix = Array.from({ length: 10 }, (_, row) =>
    Array.from({ length: 10 }, (_, column) => {
      if (row === column) return 980 - 7 * row;
      return (row * 7 + column * 3) % 17 === 0 ? 1 + ((row + column) % 4) : 0;
    }),
  );
  return {
    'loss-plot': lossPlot({
      series: [
        { name: 'Training', loss },
        { name: 'Held out', step: heldOut.map((_, epoch) => 200 * (epoch + 1) - 1), loss: heldOut },
      ],
      stepsPerEpoch: 200,
      subtitle: 'compactNet, 10 + 1 epochs of 200 steps, batch 100, seed 1',
      note,
    }),
    'learning-rate-plot': learningRatePlot({
      learningRate: Array.from({ length: 2200 }, (_, step) =>
        step < 2000
          ? 4e-4 * 0.1 ** (step / 2000)
          : 4e-5 * (0.001 + (0.999 * (1 + Math.cos((Math.PI * (step - 2000)) / 200))) / 2),
      ),
      momentum: Array.from({ length: 2200 }, (_, step) => 0.85 + 0.1 * Math.abs(1 - step / 1100)),
      stepsPerEpoch: 200,
      subtitle: '10 epochs exponential, 1 epoch cosine',
    }),
    'schedule-plot': schedulePlot({
      title: 'Three schedules for 11 epochs',
      steps: 6600,
      stepsPerEpoch: 600,
      schedules: [
        { name: 'exponential', value: (step) => 4e-4 * 0.1 ** (step / 6000) },
        {
          name: 'one cycle',
          value: (step) => (step < 2000 ? 1e-4 + (9e-4 * step) / 2000 : 1e-3 * (1 - (step - 2000) / 4600)),
        },
        { name: 'constant', value: 3e-4 },
      ],
    }),
    'lr-find-plot': lrFindPlot({
      learningRate: rates,
      loss: smooth.map((value) => value * (0.85 + 0.3 * random())),
      smoothedLoss: smooth,
      suggestions: { steepest: 1.2e-3, valley: 2.6e-3, 'minimum / 10': 3.1e-3 },
      subtitle:
        'compactNet, batch 100; 380 steps up from 10⁻⁶, stopped when the loss passed 4 times its best',
    }),
    'committee-curve-plot': committeeCurvePlot({
      points: sizes.map((size) => {
        const mean = 0.9984 - 0.001 / size ** 0.75;
        const half = 0.0004 * Math.sqrt((250 - size) / 250 / size ** 0.6);
        return { size, trials: 100, mean, lower: mean - half, upper: mean + half };
      }),
      count: 10_000,
      confidence: 0.95,
      references: { 'Doucet 2019': 0.9982 },
      subtitle: '250 nets; 100 random committees of each size',
      note: 'Invented numbers.',
    }),
    'accuracy-dot-plot': accuracyDotPlot({
      groups: [
        { name: 'single nets', accuracies: around(0.99745, 35, 0.0004) },
        { name: 'committees of 5', accuracies: around(0.9979, 7, 0.0002) },
        { name: 'committees of 15', accuracies: around(0.9983, 7, 0.0001) },
        { name: 'all 35', accuracies: [0.9983] },
      ],
      count: 10_000,
      subtitle: '35 nets, and 7 random committees of each size',
      note: 'Invented numbers.',
    }),
    'interval-plot': intervalPlot({
      intervals: [
        { name: 'one cycle', mean: 0.5, lower: -0.4, upper: 1.44 },
        { name: 'elastic fields', mean: 0.86, lower: -0.35, upper: 1.97 },
        { name: 'wider', mean: -1.1, lower: -1.9, upper: -0.4 },
      ],
      quantity: 'Loss less the first recipe’s (thousandths of a nat an image)',
      title: 'Recipes on held-out images',
      note: 'Invented numbers.',
    }),
    'confusion-matrix-plot': confusionMatrixPlot({ matrix, note: 'Invented numbers.' }),
    'image-grid': imageGrid({
      images: drawnImages(20),
      captions: Array.from({ length: 20 }, (_, index) => [`drawn ${index}`, 'a ring with or without a bar']),
      note,
    }),
    'mistakes-grid': mistakesGrid({
      images: drawnImages(20),
      mistakes: [2, 3, 5, 7, 11, 13].map((index) => ({
        index,
        label: index % 10,
        predicted: (index + 4) % 10,
        confidence: 0.5 + index / 40,
        votes: Array.from({ length: 10 }, (_, k) =>
          k === (index + 4) % 10 ? 20 + index : k === index % 10 ? 15 - index : 0,
        ),
      })),
      subtitle: '35 nets, soft vote',
      note,
    }),
  };
}
