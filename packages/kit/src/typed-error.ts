/**
 * Who can mend it, which is what a program decides its exit code by:
 * - `input`: the caller; an argument, an option, a combination of them
 * - `data`: whoever made the file, folder, message or state; it is damaged, or belongs to something else
 * - `environment`: whoever runs the machine; a network, a disk, a driver, a missing library, a limit
 * - `internal`: we; a promise of this software is broken
 */
export type ErrorKind = 'input' | 'data' | 'environment' | 'internal';

/**
 * Base of every error that a package throws on purpose. `code` is stable and for programs; `message` is for people and
 * names the value found, what was expected and the remedy. Each package inlines this class: tell errors apart by `name`,
 * `code` and `kind`, not by `instanceof` of the base.
 */
export abstract class TypedError<Code extends string = string> extends Error {
  readonly code: Code;
  readonly kind: ErrorKind;

  protected constructor(code: Code, kind: ErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.kind = kind;
  }
}

/** The kind of any thrown value: what it says of itself, else `internal`. */
export function errorKind(error: unknown): ErrorKind {
  const kind = (error as { kind?: unknown } | null | undefined)?.kind;
  return kind === 'input' || kind === 'data' || kind === 'environment' ? kind : 'internal';
}
