/// <reference lib="dom" />
import { VizError } from './viz-error.js';

/** By the browser itself, with the reader's fonts. Needs a document: a worker cannot draw SVG. */
export async function svgToPngOnCanvas(svg: string, scale: number): Promise<Uint8Array> {
  if (typeof document === 'undefined') {
    throw new VizError(
      'NO_CANVAS',
      'toPng needs a document to draw in; call it from the page and not from a worker, or take toSvg.',
    );
  }
  const address = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = Math.round(image.naturalWidth * scale);
    canvas.height = Math.round(image.naturalHeight * scale);
    canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height);
    const file = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
    if (file === null) {
      throw new VizError(
        'NO_CANVAS',
        `A canvas of ${canvas.width} x ${canvas.height} pixels could not be drawn; take a smaller scale.`,
      );
    }
    return new Uint8Array(await file.arrayBuffer());
  } finally {
    URL.revokeObjectURL(address);
  }
}
