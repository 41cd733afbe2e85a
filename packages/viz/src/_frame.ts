import { FONT_STACK } from './_font.js';
import { escapeXml, wrapText } from './_text.js';
import type { Colour } from './_theme.js';
import { type Theme, themeColours, useCssVariables } from './_theme.js';
import type { ThemeName } from './figure.js';

/** The words around a picture. */
export interface FrameText {
  readonly title: string;
  readonly description: string;
  readonly subtitle: string | undefined;
  readonly note: string | undefined;
  /** Of the whole figure, in CSS pixels. */
  readonly width: number;
}

/** What is drawn inside: as SVG elements, from (0, 0) to (width, height). */
export interface FrameBody {
  readonly content: string;
  readonly height: number;
}

export const FRAME_PADDING = 20;
const TITLE = { size: 17, line: 23, weight: 600 } as const;
const SUBTITLE = { size: 13, line: 18, weight: 400 } as const;
const NOTE = { size: 11.5, line: 16, weight: 400 } as const;

/** Title and subtitle above the body, note below, on the theme's paper. */
export function drawFrame(text: FrameText, body: FrameBody, themeName: ThemeName): string {
  const theme = themeColours(themeName);
  const inner = text.width - 2 * FRAME_PADDING;
  const parts: string[] = [];
  let y = FRAME_PADDING - 4;
  const write = (words: string | undefined, style: TextStyle, colour: Colour) => {
    if (words === undefined || words === '') return;
    for (const line of wrapText(words, inner, style.size, style.weight)) {
      y += style.line;
      parts.push(
        svgText(line, { x: FRAME_PADDING, y: y - 5, size: style.size, weight: style.weight, colour }, theme),
      );
    }
  };
  write(text.title, TITLE, 'ink');
  write(text.subtitle, SUBTITLE, 'muted');
  y += 14;
  parts.push(`<g transform="translate(${FRAME_PADDING},${y})">${body.content}</g>`);
  y += body.height;
  if (text.note !== undefined && text.note !== '') {
    y += 10;
    write(text.note, NOTE, 'muted');
  }
  const height = Math.ceil(y + FRAME_PADDING - 4);
  const size = `width="${text.width}" height="${height}" viewBox="0 0 ${text.width} ${height}"`;
  const svg = [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img" aria-label="${escapeXml(text.title)}" font-family="${FONT_STACK}">`,
    `<title>${escapeXml(text.title)}</title><desc>${escapeXml(text.description)}</desc>`,
    `<rect width="${text.width}" height="${height}" fill="${theme.paper}"/>`,
    ...parts,
    '</svg>',
  ].join('\n');
  return themeName === 'auto' ? useCssVariables(svg) : svg;
}

interface TextStyle {
  readonly size: number;
  readonly line: number;
  readonly weight: 400 | 600;
}

export interface SvgTextOptions {
  readonly x: number;
  /** Of the baseline. */
  readonly y: number;
  readonly size: number;
  readonly colour: Colour;
  readonly weight?: 400 | 600;
  readonly anchor?: 'start' | 'middle' | 'end';
}

export function svgText(text: string, options: SvgTextOptions, theme: Theme): string {
  const { x, y, size, weight = 400, anchor = 'start', colour } = options;
  const bold = weight === 400 ? '' : ` font-weight="${weight}"`;
  const place = anchor === 'start' ? '' : ` text-anchor="${anchor}"`;
  return `<text x="${round(x)}" y="${round(y)}" font-size="${size}"${bold}${place} fill="${theme[colour]}">${escapeXml(text)}</text>`;
}

/** At most two decimals: finer than any screen, and short. */
export function round(value: number): number {
  return Math.round(value * 100) / 100;
}
