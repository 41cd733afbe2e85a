import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Starts augmentor.py. Resolves to { versions, round(): seconds, stop() }, or to { reason } where it cannot run. */
export async function startAugmentor(python, imageFile, count) {
  const script = fileURLToPath(new URL('./augmentor.py', import.meta.url));
  const child = spawn(python, [script, imageFile, String(count)], {
    stdio: ['pipe', 'pipe', 'pipe'],
    // One core, as for this package.
    env: { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' },
  });
  let complaints = '';
  child.stderr.on('data', (chunk) => {
    complaints += chunk;
  });
  const ended = Promise.race([
    once(child, 'error').then(([error]) => error.message),
    once(child, 'exit').then(([code]) => `exit code ${code}: ${complaints.trim().split('\n').at(-1)}`),
  ]);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const first = await Promise.race([lines.next(), ended]);
  if (typeof first === 'string' || first.done)
    return { reason: typeof first === 'string' ? first : await ended };
  return {
    versions: JSON.parse(first.value),
    async round() {
      child.stdin.write('go\n');
      const line = await Promise.race([lines.next(), ended]);
      if (typeof line === 'string' || line.done) throw new Error(`augmentor.py ended early: ${await ended}`);
      return Number(line.value);
    },
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}
