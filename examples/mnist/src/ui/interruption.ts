/** Exit code of a process that ended by a signal: 128 and its number. */
const codes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Ctrl-C (and SIGTERM, and a terminal that goes away) as an AbortSignal: the first one asks to stop in good order, the second
 * one ends the process at once.
 *
 * @returns the signal, and a function that gives the keys back
 */
export function catchInterruption(onFirst: () => void): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const names = Object.keys(codes) as (keyof typeof codes)[];
  const handle = (name: NodeJS.Signals) => {
    if (controller.signal.aborted) process.exit(codes[name as keyof typeof codes]);
    controller.abort(new DOMException(`stopped by ${name}`, 'AbortError'));
    onFirst();
  };
  for (const name of names) process.on(name, handle);
  return {
    signal: controller.signal,
    release() {
      for (const name of names) process.off(name, handle);
    },
  };
}
