import { FONT_FAMILY, fontFiles } from './_font.js';

/** Rasterises with the package's own fonts only, so that the picture is the same on a machine without any. */
export async function svgToPng(svg: string, scale: number): Promise<Uint8Array> {
  const { Resvg } = await import('@resvg/resvg-js');
  // resvg knows the SVG 1.1 word for unsmoothed images, which the attribute says; the CSS word is for browsers.
  const image = new Resvg(svg.replaceAll(' style="image-rendering:pixelated"', ''), {
    fitTo: { mode: 'zoom', value: scale },
    font: {
      loadSystemFonts: false,
      fontFiles: fontFiles(),
      defaultFontFamily: FONT_FAMILY,
      sansSerifFamily: FONT_FAMILY,
    },
  }).render();
  return new Uint8Array(image.asPng());
}
