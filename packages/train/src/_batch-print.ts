import type { Batch } from '@mnist/dataset';

/** What tells a batch from another: which images it has, and what an augmentation made of them. */
export interface BatchPrint {
  /** Hash of positions and labels, hexadecimal. */
  readonly drawn: string;
  /** Some of the pixels. Compared with a tolerance: another machine may round an augmentation otherwise. */
  readonly pixels: readonly number[];
}

const pixelCount = 64;

export function printBatch({ images, labels, indices }: Batch): BatchPrint {
  const hash = new Uint32Array([0x811c9dc5, 0x1000193]);
  const mix = (value: number) => {
    // FNV-1a over whole numbers, twice, from two starts.
    for (let word = 0; word < hash.length; word++) {
      hash[word] = Math.imul(hash[word]! ^ (value + word), 0x01000193);
    }
  };
  for (const index of indices) mix(index);
  for (let i = 0; i < labels.size; i++) mix(labels.get(i));
  const [count, height, width, channels] = images.shape as [number, number, number, number];
  const size = count * height * width * channels;
  const pixels = Array.from({ length: Math.min(pixelCount, size) }, (_, i) => {
    let at = Math.floor(((i + 0.5) * size) / Math.min(pixelCount, size));
    const c = at % channels;
    at = Math.floor(at / channels);
    const x = at % width;
    at = Math.floor(at / width);
    return images.get(Math.floor(at / height), at % height, x, c);
  });
  return { drawn: Array.from(hash, (word) => word.toString(16).padStart(8, '0')).join(''), pixels };
}

/** What differs, in words; undefined for the same batch. */
export function comparePrints(found: BatchPrint, wanted: BatchPrint): string | undefined {
  if (found.drawn !== wanted.drawn) return 'other images or another order (data set, seed, held-out part)';
  const size = wanted.pixels.reduce((sum, value) => sum + Math.abs(value), 0);
  const difference = wanted.pixels.reduce(
    (sum, value, i) => sum + Math.abs(value - (found.pixels[i] ?? Number.NaN)),
    0,
  );
  if (difference <= 0.01 * size + 1e-6) return undefined;
  // Both may be no numbers: the same fault in the same place.
  if (Number.isNaN(size) && found.pixels.some(Number.isNaN)) return undefined;
  return 'the same images, prepared otherwise (augmentation, its seed, normalisation)';
}
