import { type GreyPicture, type ImageDataset, readDataset, splitHeldOut } from '@mnist/dataset';
import type { Picture } from '@mnist/handwriting';
import { readPicture } from '@mnist/handwriting/node';
import ndarray from 'ndarray';
import { fitImage, imageSide } from './fit-image.js';

export interface OwnDataset {
  readonly train: ImageDataset;
  readonly test: ImageDataset;
  /** What was done to the data so that they fit, for people; empty when nothing. */
  readonly notes: readonly string[];
}

/** Of a place without a test part, one image in so many is held out for testing. */
const heldOutShare = 6;

/**
 * A data set of the user's own: whatever `readDataset` reads, brought to the size that the nets take. A place without a
 * part for testing is split, each class in proportion and always alike.
 */
export async function loadOwnDataset(place: string): Promise<OwnDataset> {
  const read = (split: 'train' | 'test') => readDataset(place, { split, decode: decodeGrey });
  const found = await read('train');
  const test = await read('test').catch((error: { code?: unknown }) => {
    if (error.code === 'DATASET_UNAVAILABLE') return undefined;
    throw error;
  });
  const notes: string[] = [];
  const [, height, width] = found.images.shape as [number, number, number];
  if (height !== imageSide || width !== imageSide)
    notes.push(`its images of ${width} x ${height} pixels are brought to ${imageSide} x ${imageSide}`);
  // An .npz has both parts in one file; any other place that gives the same file twice has one part.
  if (test && (test.source !== found.source || /\.npz$/i.test(place)))
    return { train: resized(found), test: resized({ ...test, classNames: found.classNames }), notes };
  const heldOut = Math.max(1, Math.round(found.labels.shape[0]! / heldOutShare));
  notes.push(`it has no part for testing: ${heldOut} images, one in ${heldOutShare}, are held out for it`);
  const { train, heldOut: rest } = splitHeldOut(resized(found), { heldOut, seed: 0 });
  return { train, test: { ...rest, split: 'test' }, notes };
}

const decodeGrey = async (bytes: Uint8Array): Promise<GreyPicture> => greyImage(await readPicture(bytes));

/** A picture as one of the images: grey, the whole of it, bright on dark. @param picture red, green, blue, alpha */
export function greyImage({ width, height, data }: Picture): GreyPicture {
  const grey = new Uint8Array(width * height);
  for (let i = 0; i < grey.length; i++) {
    const [red, green, blue, alpha] = data.subarray(4 * i, 4 * i + 4) as unknown as [
      number,
      number,
      number,
      number,
    ];
    const light = 0.299 * red + 0.587 * green + 0.114 * blue;
    // Transparent pixels lie on white paper.
    grey[i] = Math.round(255 + (light - 255) * (alpha / 255));
  }
  let edges = 0;
  for (let x = 0; x < width; x++) edges += grey[x]! + grey[width * (height - 1) + x]!;
  for (let y = 0; y < height; y++) edges += grey[width * y]! + grey[width * y + width - 1]!;
  if (edges > 127.5 * 2 * (width + height)) for (let i = 0; i < grey.length; i++) grey[i] = 255 - grey[i]!;
  return { width: imageSide, height: imageSide, data: fitImage(grey, width, height) };
}

function resized(dataset: ImageDataset): ImageDataset {
  const [count, height, width] = dataset.images.shape as [number, number, number];
  if (height === imageSide && width === imageSide) return dataset;
  const area = imageSide * imageSide;
  const data = new Uint8Array(count * area);
  const image = new Uint8Array(height * width);
  for (let index = 0; index < count; index++) {
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) image[y * width + x] = dataset.images.get(index, y, x);
    data.set(fitImage(image, width, height), index * area);
  }
  return { ...dataset, images: ndarray(data, [count, imageSide, imageSide]) };
}
