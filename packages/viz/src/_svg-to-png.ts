import { fileURLToPath } from 'node:url';
import { FONT_FAMILY } from './_font.js';
import { foreignCharacters, inOtherFonts, writeForeign } from './_foreign-text.js';

/** Where the build puts them, seen from the source and from the built form alike. */
export const FONT_FILES = ['Inter_400Regular.ttf', 'Inter_600SemiBold.ttf'].map((name) =>
  fileURLToPath(new URL(`../dist/fonts/${name}`, import.meta.url)),
);

/**
 * Rasterises with the package's own fonts, so that the picture is the same on a machine without any. Only where the words have
 * characters that Inter lacks are the system's fonts looked at; what these lack too is spelt in Latin letters.
 *
 * @param systemFonts for tests: false is a machine without fonts
 */
export async function svgToPng(svg: string, scale: number, systemFonts = true): Promise<Uint8Array> {
  const { Resvg } = await import('@resvg/resvg-js');
  const render = (drawing: string, zoom: number, loadSystemFonts: boolean) =>
    new Resvg(drawing, {
      fitTo: { mode: 'zoom', value: zoom },
      font: {
        loadSystemFonts,
        fontFiles: FONT_FILES,
        defaultFontFamily: FONT_FAMILY,
        sansSerifFamily: FONT_FAMILY,
      },
    }).render();

  // resvg knows the SVG 1.1 word for unsmoothed images, which the attribute says; the CSS word is for browsers.
  const plain = svg.replaceAll(' style="image-rendering:pixelated"', '');
  const foreign = foreignCharacters(plain);
  if (foreign.length === 0) return new Uint8Array(render(plain, scale, false).asPng());
  const missing = systemFonts
    ? findMissing(foreign, (drawing) => render(drawing, 1, true))
    : new Set(foreign);
  const spelt = writeForeign(plain, foreign, (character) => !missing.has(character));
  return new Uint8Array(render(spelt, scale, missing.size < foreign.length).asPng());
}

interface Rendered {
  readonly width: number;
  readonly pixels: Uint8Array;
}

const CELL = 24;
/** No font has this one: it is not a character. */
const NOBODYS = '\u{10fffd}';

/** Whether some font of this machine has a character; looked up once, since loading the system's fonts takes a second. */
const onThisMachine = new Map<string, boolean>();

/** The characters for which no font has a picture: those that are drawn as NOBODYS is. */
function findMissing(wanted: readonly string[], render: (svg: string) => Rendered): Set<string> {
  const characters = wanted.filter((character) => !onThisMachine.has(character));
  if (characters.length > 0) lookUp(characters, render);
  return new Set(wanted.filter((character) => !onThisMachine.get(character)));
}

function lookUp(characters: readonly string[], render: (svg: string) => Rendered): void {
  const cells = [NOBODYS, ...characters].map(
    (character, at) => `<text x="${CELL * at + 2}" y="18" font-size="16">${inOtherFonts(character)}</text>`,
  );
  const size = `width="${CELL * cells.length}" height="${CELL}"`;
  const { width, pixels } = render(`<svg xmlns="http://www.w3.org/2000/svg" ${size}>${cells.join('')}</svg>`);
  const pictureOf = (cell: number) =>
    Array.from({ length: CELL }, (_, y) => {
      const start = 4 * (y * width + CELL * cell);
      return pixels.subarray(start, start + 4 * CELL).join();
    }).join();
  const nobodys = pictureOf(0);
  characters.forEach((character, at) => {
    onThisMachine.set(character, pictureOf(at + 1) !== nobodys);
  });
}
