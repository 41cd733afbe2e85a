/** Longest side, in pixels, at which a picture is looked at. */
const LONGEST = 1600;

/** A picture file as pixels, turned as its EXIF data say, by the browser's own decoder. */
export async function readFile(file: Blob): Promise<ImageData> {
  const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' }).catch(() => {
    throw new Error('This file is no picture that your browser reads. Try PNG or JPEG.');
  });
  const pixels = toPixels(bitmap, bitmap.width, bitmap.height);
  bitmap.close();
  return pixels;
}

export function toPixels(source: CanvasImageSource, width: number, height: number): ImageData {
  const scale = Math.min(1, LONGEST / Math.max(width, height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  context.imageSmoothingQuality = 'high';
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}
