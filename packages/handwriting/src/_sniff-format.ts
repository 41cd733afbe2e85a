import { HandwritingError } from './handwriting-error.js';

const signatures = [
  ['PNG', (ascii: string) => ascii.startsWith('\x89PNG\r\n\x1a\n')],
  ['JPEG', (ascii: string) => ascii.startsWith('\xff\xd8\xff')],
  ['GIF', (ascii: string) => /^GIF8[79]a/.test(ascii)],
  ['WebP', (ascii: string) => ascii.startsWith('RIFF') && ascii.slice(8, 12) === 'WEBP'],
  ['TIFF', (ascii: string) => /^(II[*+]\0|MM\0[*+])/.test(ascii)],
  ['BMP', (ascii: string) => ascii.startsWith('BM')],
  ['AVIF', (ascii: string) => /^....ftypavi[fs]/s.test(ascii)],
  ['HEIC', (ascii: string) => /^....ftyp(heic|heix|hevc|heim|heis|mif1|msf1)/s.test(ascii)],
  ['SVG', (ascii: string) => /^\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<svg/s.test(ascii)],
  ['PDF', (ascii: string) => ascii.startsWith('%PDF')],
] as const;

const unread = { HEIC: true, SVG: true, PDF: true } as const;

export type PictureFormat = Exclude<(typeof signatures)[number][0], keyof typeof unread>;

/** The format, by the file's first bytes; its name has no say. */
export function sniffFormat(name: string, bytes: Uint8Array): PictureFormat {
  const ascii = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 256)).toString(
    'latin1',
  );
  const expected = 'Expected PNG, JPEG, WebP, GIF, TIFF, AVIF or BMP';
  const format = signatures.find(([, matches]) => matches(ascii))?.[0];
  if (!format) {
    const start =
      bytes.byteLength === 0 ? 'it is empty' : `it starts with ${JSON.stringify(ascii.slice(0, 8))}`;
    throw new HandwritingError(
      'UNKNOWN_FORMAT',
      `${name}: not a picture (${start}). ${expected}. Save the picture in one of these.`,
    );
  }
  if (format in unread)
    throw new HandwritingError(
      'UNSUPPORTED_FORMAT',
      `${name}: ${format} files are not read. ${expected}. Export it as JPEG or PNG.`,
    );
  return format as PictureFormat;
}
