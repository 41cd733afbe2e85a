import { loadDataset } from '@mnist/dataset';
import { Draw } from './canvas.js';
import { type Digit, mnistDigit, penDigit } from './digits.js';

/**
 * Twenty digits for each scene: two of every class, the one from pen strokes, the other a test image of MNIST. Without
 * MNIST (`MNIST_DATA_DIR`) both are pen strokes.
 */
export async function digitsOfScenes(
  scenes: number,
  seed: number,
): Promise<{ digits: Digit[][]; real: boolean }> {
  const dataset = process.env.MNIST_DATA_DIR
    ? await loadDataset('mnist', { split: 'test', dataDir: process.env.MNIST_DATA_DIR, download: false })
    : undefined;
  const ofClass = Array.from({ length: 10 }, () => [] as number[]);
  if (dataset) for (let i = 0; i < 10_000; i++) ofClass[dataset.labels.get(i)]!.push(i);
  const digits = Array.from({ length: scenes }, (_, scene) => {
    const draw = new Draw(seed * 1000 + scene);
    return Array.from({ length: 20 }, (_, index) => {
      const label = index % 10;
      if (index < 10 || !dataset) return penDigit(label, draw);
      const images = ofClass[label]!;
      const at = images[draw.whole(0, images.length - 1)]!;
      const pixels = new Uint8Array(784);
      for (let i = 0; i < 784; i++) pixels[i] = dataset.images.get(at, Math.floor(i / 28), i % 28);
      return mnistDigit(label, pixels);
    });
  });
  return { digits, real: dataset !== undefined };
}
