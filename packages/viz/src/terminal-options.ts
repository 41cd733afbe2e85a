import { check } from './_options.js';
import type { TerminalOptions } from './figure.js';

/** What is looked at; hand in something else to test or to force. */
export interface TerminalContext {
  /** Default `process.stdout`. */
  readonly stream?: {
    readonly isTTY?: boolean;
    readonly columns?: number;
    getColorDepth?(env?: object): number;
  };
  /** Default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Default `process.platform`. */
  readonly platform?: string;
}

/**
 * Options for `toTerminal` that fit a stream: its width, the colours that Node finds it to have (which honours NO_COLOR and
 * FORCE_COLOR), and ASCII where the locale or the terminal has no Unicode. A pipe or a file gets no colour.
 */
export function terminalOptions(context: TerminalContext = {}): Required<TerminalOptions> {
  check.refuseUnknown('terminalOptions', context, ['stream', 'env', 'platform']);
  // A browser has no process, and the plainest text is right there.
  const host: Partial<NodeJS.Process> = globalThis.process ?? {};
  const { stream = host.stdout ?? {}, env = host.env ?? {}, platform = host.platform ?? '' } = context;
  const depth = stream.isTTY ? (stream.getColorDepth?.(env) ?? 1) : 1;
  return {
    columns: Math.max(20, Math.min(400, stream.columns || 80)),
    colour: depth >= 24 ? 'truecolour' : depth >= 8 ? 'ansi256' : 'none',
    characters: hasUnicode(env, platform) ? 'unicode' : 'ascii',
  };
}

function hasUnicode(env: Readonly<Record<string, string | undefined>>, platform: string): boolean {
  if (env.TERM === 'dumb' || env.TERM === 'linux') return false;
  // The old Windows console has no braille; Windows Terminal and the editors' terminals do, and say who they are.
  if (platform === 'win32') return Boolean(env.WT_SESSION || env.TERM_PROGRAM || env.TERM);
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || '';
  return platform === 'darwin' || /utf-?8/i.test(locale);
}
