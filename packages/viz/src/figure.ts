/** `auto` follows the reader's setting: colours become CSS variables, for SVG inside an HTML page that defines them. */
export type ThemeName = 'light' | 'dark' | 'auto';

export interface SvgOptions {
  /** Default `light`. */
  readonly theme?: ThemeName;
}

export interface PngOptions {
  /** Device pixels for each CSS pixel, 0.25 to 8. Whole numbers keep the pixels of images square. Default 2. */
  readonly scale?: number;
  /** Default `light`. */
  readonly theme?: 'light' | 'dark';
}

export interface TerminalOptions {
  /** Width in characters, 20 to 400. Default 80. */
  readonly columns?: number;
  /** Colours that the terminal understands. Default `none`, which is safe in a log file. */
  readonly colour?: 'none' | 'ansi256' | 'truecolour';
  /** `unicode` (default) uses half blocks and braille; `ascii` only what a typewriter has. */
  readonly characters?: 'unicode' | 'ascii';
}

/**
 * A picture that is not drawn yet. The same data give the same bytes on every machine: the font comes with the package and
 * the system's fonts are not looked at.
 */
export interface Figure {
  readonly title: string;
  /** One sentence that says in words what the picture shows; the SVG's `<desc>`. */
  readonly description: string;
  /** A whole SVG document. Lengths are CSS pixels. */
  toSvg(options?: SvgOptions): string;
  /** The bytes of a PNG file. */
  toPng(options?: PngOptions): Promise<Uint8Array>;
  /** The same figure laid out anew for another width in CSS pixels, 240 to 2000: a phone needs fewer columns, not smaller letters. */
  resize(width: number): Figure;
  /** Lines of text, ending with a line break; never wider than `columns`. */
  toTerminal(options?: TerminalOptions): string;
}

/** What every figure takes beside its data. */
export interface FigureOptions {
  /** The heading. Default: a plain name for what is shown. */
  readonly title?: string;
  /** A line below the title: how many, of what, on which machine. Long text wraps. */
  readonly subtitle?: string;
  /** Small print below the picture, for instance `Synthetic digits, not MNIST.` */
  readonly note?: string;
  /** CSS pixels, 240 to 2000. Default 720. */
  readonly width?: number;
}
