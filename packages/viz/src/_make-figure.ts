import { number, oneOf } from '@mnist/kit';
import { drawFrame, type FrameBody, type FrameText } from './_frame.js';
import { check } from './_options.js';
import { rasterise } from './_rasteriser.js';
import { toAscii, wrapColumns } from './_terminal-text.js';
import { type Theme, themeColours } from './_theme.js';
import type { Figure, PngOptions, SvgOptions, TerminalOptions } from './figure.js';

/** What a kind of figure has to say; the rest is the same for all. */
export interface FigureParts {
  readonly text: FrameText;
  /** The SVG between title and note. */
  readonly drawBody: (theme: Theme) => FrameBody;
  /** The lines between title and note. */
  readonly drawTerminal: (options: Required<TerminalOptions>) => string[];
  readonly resize: (width: number) => Figure;
}

export function makeFigure({ text, drawBody, drawTerminal, resize }: FigureParts): Figure {
  return {
    title: text.title,
    description: text.description,
    resize,
    toSvg(options: SvgOptions = {}) {
      check.refuseUnknown('toSvg', options, ['theme']);
      const { theme = 'light' } = options;
      check.require('toSvg', 'theme', theme, oneOf('light', 'dark', 'auto'));
      return drawFrame(text, drawBody(themeColours(theme)), theme);
    },
    async toPng(options: PngOptions = {}) {
      check.refuseUnknown('toPng', options, ['scale', 'theme']);
      const { scale = 2, theme = 'light' } = options;
      check.require('toPng', 'scale', scale, number({ min: 0.25, max: 8 }));
      check.require('toPng', 'theme', theme, oneOf('light', 'dark'));
      return rasterise(drawFrame(text, drawBody(themeColours(theme)), theme), scale);
    },
    toTerminal(options: TerminalOptions = {}) {
      const complete = completeTerminalOptions(options);
      const { columns, characters } = complete;
      const ascii = characters === 'ascii';
      const words = (value: string | undefined) =>
        value === undefined || value === '' ? [] : wrapColumns(ascii ? toAscii(value) : value, columns);
      const lines = [
        ...words(text.title),
        ...words(text.subtitle),
        '',
        ...drawTerminal(complete),
        ...(text.note === undefined || text.note === '' ? [] : ['', ...words(text.note)]),
      ];
      const drawn = `${lines.join('\n')}\n`;
      // Words were written in ASCII before they were fitted; what is left, such as a mark of cutting, is one column wide.
      return ascii ? toAscii(drawn.replaceAll('…', '~')) : drawn;
    },
  };
}

function completeTerminalOptions(options: TerminalOptions): Required<TerminalOptions> {
  check.refuseUnknown('toTerminal', options, ['columns', 'colour', 'characters']);
  const { columns = 80, colour = 'none', characters = 'unicode' } = options;
  check.require('toTerminal', 'columns', columns, number({ min: 20, max: 400 }));
  check.require('toTerminal', 'colour', colour, oneOf('none', 'ansi256', 'truecolour'));
  check.require('toTerminal', 'characters', characters, oneOf('unicode', 'ascii'));
  return { columns: Math.floor(columns), colour, characters };
}
