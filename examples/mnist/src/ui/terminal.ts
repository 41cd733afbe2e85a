import { styleText } from 'node:util';
import { type TerminalOptions, terminalOptions } from '@mnist/viz';

/**
 * Where a command speaks. People read the error stream; with `--json` the standard output carries exactly one JSON
 * object, otherwise the command's result as text.
 */
export interface Terminal {
  readonly json: boolean;
  /** What `toTerminal` of a figure may use here. */
  readonly figureOptions: TerminalOptions;
  /** Starts a section of the story. */
  heading(text: string): void;
  line(text?: string): void;
  /** Something the reader must not miss. */
  warn(...lines: string[]): void;
  /** The outcome: `text` for people, `value` for machines. Call once, at the end. */
  result(value: unknown, text: string): void;
}

export interface OpenTerminalOptions {
  readonly json: boolean;
  readonly out?: NodeJS.WriteStream;
  readonly err?: NodeJS.WriteStream;
}

export function openTerminal({
  json,
  out = process.stdout,
  err = process.stderr,
}: OpenTerminalOptions): Terminal {
  const narration = json ? err : out;
  return {
    json,
    figureOptions: {
      ...terminalOptions({ stream: narration }),
      columns: Math.max(40, Math.min(100, narration.columns ?? 80)),
    },
    heading(text) {
      narration.write(`\n${styleText('bold', text, { stream: narration })}\n`);
    },
    line(text = '') {
      narration.write(`${text}\n`);
    },
    warn(...lines) {
      const width = Math.max(...lines.map((line) => line.length));
      const bar = '!'.repeat(width + 4);
      const body = lines.map((line) => `! ${line.padEnd(width)} !`);
      narration.write(
        `${styleText('bold', styleText('yellow', [bar, ...body, bar].join('\n'), { stream: narration }), { stream: narration })}\n`,
      );
    },
    result(value, text) {
      if (json) out.write(`${JSON.stringify(value, null, 2)}\n`);
      else out.write(text.endsWith('\n') ? text : `${text}\n`);
    },
  };
}
