/**
 * Ctrl-C as an AbortSignal: the first one asks to stop in good order, the second one ends the process at once.
 *
 * @returns the signal, and a function that gives the keys back
 */
export function catchInterruption(onFirst: () => void): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  let asked = false;
  const handle = (name: NodeJS.Signals) => {
    if (asked) process.exit(name === 'SIGINT' ? 130 : 143);
    asked = true;
    onFirst();
    controller.abort(new DOMException(`stopped by ${name}`, 'AbortError'));
  };
  process.on('SIGINT', handle);
  process.on('SIGTERM', handle);
  return {
    signal: controller.signal,
    release() {
      process.off('SIGINT', handle);
      process.off('SIGTERM', handle);
    },
  };
}
