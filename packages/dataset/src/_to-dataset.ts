import ndarray from 'ndarray';
import type { LocatedFile } from './_verify-file.js';
import type { CatalogueEntry, DatasetName } from './catalogue.js';
import { DatasetError } from './dataset-error.js';
import type { ImageDataset, Split } from './image-dataset.js';

/** Joins images and labels, and checks that they belong together. */
export function toDataset(
  name: DatasetName,
  entry: CatalogueEntry,
  split: Split,
  imageFile: LocatedFile,
  labelFile: LocatedFile,
): ImageDataset {
  const { count } = entry.files[split];
  requireArray(imageFile, Uint8Array, [count, 28, 28], 'images');
  if (entry.extendedLabels) requireArray(labelFile, Int32Array, [count, 8], 'labels');
  else requireArray(labelFile, Uint8Array, [count], 'labels');

  const images = entry.transposed
    ? transposeImages(imageFile.array.data as Uint8Array, count)
    : (imageFile.array.data as Uint8Array);
  const labels = new Uint8Array(count);
  const columns = entry.extendedLabels ? 8 : 1;
  for (let i = 0; i < count; i++) {
    const label = labelFile.array.data[i * columns]! - (entry.firstLabel ?? 0);
    if (label < 0 || label >= entry.classNames.length) {
      throw new DatasetError(
        'BAD_LABELS',
        `${labelFile.source}: label ${i} is ${labelFile.array.data[i * columns]}; expected ${entry.firstLabel ?? 0} to ${entry.classNames.length - 1 + (entry.firstLabel ?? 0)}. Replace the file.`,
      );
    }
    labels[i] = label;
  }
  const unproven = [imageFile, labelFile].some(({ proof }) => proof === 'structure');
  const [from, to] = (split === 'test' && entry.testRange) || [0, count];
  return {
    name,
    split,
    images: ndarray(images.subarray(from * 784, to * 784), [to - from, 28, 28]),
    labels: ndarray(labels.subarray(from, to), [to - from]),
    classNames: entry.classNames,
    synthetic: false,
    source: `${imageFile.source}${unproven ? ' (structure verified; no checksum is published for the unpacked file)' : ''}`,
  };
}

function requireArray(
  file: LocatedFile,
  type: typeof Uint8Array | typeof Int32Array,
  shape: readonly number[],
  what: string,
): void {
  const { array } = file;
  if (array.data instanceof type && array.shape.join() === shape.join()) return;
  throw new DatasetError(
    'WRONG_SHAPE',
    `${file.source}: ${what} are ${array.data.constructor.name} [${array.shape.join(', ')}]; expected ${type.name} [${shape.join(', ')}]. Replace the file.`,
  );
}

function transposeImages(stored: Uint8Array, count: number): Uint8Array {
  const out = new Uint8Array(stored.length);
  for (let i = 0; i < count; i++) {
    const base = i * 784;
    for (let y = 0; y < 28; y++) {
      for (let x = 0; x < 28; x++) out[base + y * 28 + x] = stored[base + x * 28 + y]!;
    }
  }
  return out;
}
