import { isInFont } from './_font.js';

/** Sans-serif fonts for what Inter lacks, of Linux, macOS and Windows; after them whichever font of the system has it. */
const FAMILIES =
  "'Noto Sans CJK JP','Noto Sans JP','Hiragino Sans','Yu Gothic','Meiryo','IPAGothic','Noto Sans','DejaVu Sans',sans-serif";

const ROMAJI =
  'あa いi うu えe おo かka がga きki ぎgi くku ぐgu けke げge こko ごgo さsa ざza しshi じji すsu ずzu せse ぜze そso ぞzo たta だda ちchi ぢji つtsu づzu てte でde とto どdo なna にni ぬnu ねne のno はha ばba ぱpa ひhi びbi ぴpi ふfu ぶbu ぷpu へhe べbe ぺpe ほho ぼbo ぽpo まma みmi むmu めme もmo やya ゆyu よyo らra りri るru れre ろro わwa ゐwi ゑwe をwo んn ゝ(repeat)';
const LETTERS = new Map(ROMAJI.split(' ').map((entry) => [entry[0]!, entry.slice(1)]));

/** The distinct characters that Inter lacks, in order of appearance. */
export function foreignCharacters(svg: string): string[] {
  const drawn = [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].flatMap(([, words]) => [...words!]);
  return [...new Set(drawn)].filter((character) => !isInFont(character) && !/[\s\p{Other}]/u.test(character));
}

/** Rewrites the texts of an SVG: `known` characters in other fonts, the others in Latin letters or as their number in Unicode. */
export function writeForeign(
  svg: string,
  foreign: readonly string[],
  known: (character: string) => boolean,
): string {
  const all = new Set(foreign);
  return svg.replace(/(<text[^>]*>)([^<]*)(<\/text>)/g, (_, open: string, words: string, close: string) => {
    const written = [...words].map((character) => {
      if (!all.has(character)) return character;
      return known(character) ? inOtherFonts(character) : spell(character);
    });
    return `${open}${written.join('')}${close}`;
  });
}

export function inOtherFonts(character: string): string {
  return `<tspan font-family="${FAMILIES}">${character}</tspan>`;
}

/** お -> o, 漢 -> U+6F22 */
function spell(character: string): string {
  const code = character.codePointAt(0)!;
  // Katakana lie 96 places after Hiragana.
  const hiragana = code >= 0x30a1 && code <= 0x30f6 ? String.fromCodePoint(code - 96) : character;
  return LETTERS.get(hiragana) ?? `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}
