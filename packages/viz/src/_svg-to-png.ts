import { fileURLToPath } from 'node:url';
import { FONT_FAMILY } from './_font.js';

/** Where the build puts them, seen from the source and from the built form alike. */
export const FONT_FILES = ['Inter_400Regular.ttf', 'Inter_600SemiBold.ttf'].map((name) =>
  fileURLToPath(new URL(`../dist/fonts/${name}`, import.meta.url)),
);

/** Rasterises with the package's own fonts only, so that the picture is the same on a machine without any. */
export async function svgToPng(svg: string, scale: number): Promise<Uint8Array> {
  const { Resvg } = await import('@resvg/resvg-js');
  // resvg knows the SVG 1.1 word for unsmoothed images, which the attribute says; the CSS word is for browsers.
  const image = new Resvg(svg.replaceAll(' style="image-rendering:pixelated"', ''), {
    fitTo: { mode: 'zoom', value: scale },
    font: {
      loadSystemFonts: false,
      fontFiles: FONT_FILES,
      defaultFontFamily: FONT_FAMILY,
      sansSerifFamily: FONT_FAMILY,
    },
  }).render();
  return new Uint8Array(image.asPng());
}
