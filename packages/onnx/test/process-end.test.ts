import { spawn } from 'node:child_process';
import { describe, expect, test } from 'vitest';

const child = new URL('./support/end-child.mjs', import.meta.url).pathname;
/** Each way many times: where in the native call the end falls is chance. */
const REPETITIONS = Number(process.env.MNIST_TEST_ONNX_ENDS ?? 2);

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

function end(how: string): Promise<Ended & { readonly output: string }> {
  const process_ = spawn(process.execPath, [child, how], { stdio: ['ignore', 'pipe', 'ignore'] });
  let output = '';
  process_.stdout.on('data', (text) => {
    output += text;
  });
  return new Promise((resolve) =>
    process_.on('close', (code, signal) => resolve({ code, signal, output: output.trim() })),
  );
}

describe('a process that ends while its session is inside native code ends with its own code', () => {
  const ways: [string, string, number][] = [
    ['exit', 'process.exit(3) in a step', 3],
    ['throw', 'an uncaught error in a step', 1],
    ['abort', 'an aborted signal in a step', 130],
    ['sigint', 'process.exit(130) on a signal in a step', 130],
    ['open', 'process.exit(3) while a session opens', 3],
    ['predict', 'process.exit(3) in a prediction', 3],
    ['idle', 'process.exit(3) between steps', 3],
  ];
  for (const [how, title, code] of ways) {
    // Windows ends a process that is sent a signal.
    test.skipIf(how === 'sigint' && process.platform === 'win32')(
      `${title}: ${code}, ${REPETITIONS} times`,
      async () => {
        for (let i = 0; i < REPETITIONS; i++) {
          const ended = await end(how);
          expect({ code: ended.code, signal: ended.signal }).toEqual({ code, signal: null });
          if (how === 'abort') expect(ended.output).toMatch(/SESSION_CLOSED enough$/);
        }
      },
      120_000,
    );
  }
});
