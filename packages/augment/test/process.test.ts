// What only a process of its own can show: that it ends, what it allocates, that the CommonJS build finds its worker.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';

const packageFolder = fileURLToPath(new URL('..', import.meta.url));

async function run(flags: readonly string[], program: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, '-e', program], {
    cwd: packageFolder,
    timeout: 30_000,
  });
  return stdout.trim();
}

const fixtures = `
  const size = 28 * 28, count = 60;
  const dataset = {
    images: ndarray(Uint8Array.from({ length: count * size }, (_, i) => i % 251), [count, 28, 28]),
    labels: ndarray(new Uint8Array(count), [count]),
  };
  const plan = {
    batchSize: 10, batchesPerEpoch: 6, totalBatches: 6, seed: 1,
    *iterate(start = 0) {
      for (let step = start; step < 6; step++) {
        yield { indices: Uint32Array.from({ length: 10 }, (_, i) => 10 * step + i), step, epoch: 0 };
      }
    },
  };
`;
const imports = `import ndarray from 'ndarray'; import * as augment from '@mnist/augment';`;
const requires = `const ndarray = require('ndarray'); const augment = require('@mnist/augment');`;

test('the examples of the README run', async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const [transform, loader] = [...readme.matchAll(/```js\n(.*?)```/gs)].map((match) => match[1]!);
  expect((await run(['--input-type=module'], loader!)).split('\n')).toHaveLength(30);
  expect(await run(['--input-type=module'], transform!)).toContain("'0.degrees':");
});

describe('a process', () => {
  test('runs the loader from the CommonJS build and from the ES build', async () => {
    const program = `
      let batches = 0;
      const loader = augment.parallelLoader(dataset, plan, { transform: augment.fusedPipeline(), workers: 2 });
      for await (const batch of loader.iterate()) batches++;
      console.log(batches);
    `;
    expect(await run([], `${requires}${fixtures}(async () => {${program}})()`)).toBe('6');
    expect(await run(['--input-type=module'], `${imports}${fixtures}${program}`)).toBe('6');
  });

  test('ends by itself when an iteration was begun and never continued', async () => {
    const program = `
      const loader = augment.parallelLoader(dataset, plan, { transform: augment.fusedPipeline(), workers: 2 });
      const iterator = loader.iterate();
      await iterator.next();
      console.log('left');
    `;
    expect(await run(['--input-type=module'], `${imports}${fixtures}${program}`)).toBe('left');
  });
});

describe('close() while the next batch is waited for', () => {
  const slow = `export default () => (image, out) => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200); out.data.fill(0);
  }`;
  const program = `
    const transform = await augment.transformFromSpec({ module: 'data:text/javascript,' + ${JSON.stringify(encodeURIComponent(slow))} });
    const loader = augment.parallelLoader(dataset, plan, { transform, workers: 2 });
  `;

  test('ends the loop with LOADER_CLOSED; catch, finally and what follows run', async () => {
    const loop = `
      setTimeout(() => loader.close().then(() => console.log('closed')), 100);
      try { for await (const batch of loader.iterate()) console.log('a batch'); }
      catch (error) { console.log(error.code); }
      finally { console.log('finally'); }
      console.log('after');
    `;
    const lines = (await run(['--input-type=module'], `${imports}${fixtures}${program}${loop}`)).split('\n');
    expect(lines.sort()).toEqual(['LOADER_CLOSED', 'after', 'closed', 'finally']);
  });

  test('a loop that is left, and one that fails, end likewise', async () => {
    const loop = `
      const iterator = loader.iterate();
      const pending = iterator.next();
      await loader.close();
      console.log(await pending.catch((error) => error.code), (await iterator.next()).done);
      const dead = augment.parallelLoader(dataset, plan, {
        transform: await augment.transformFromSpec({ module: 'data:text/javascript,export default () => () => process.exit(3)' }),
      });
      for await (const batch of dead.iterate()) console.log('a batch');
    `;
    const guarded = `try { ${loop} } catch (error) { console.log(error.code); } finally { console.log('finally'); }`;
    expect(await run(['--input-type=module'], `${imports}${fixtures}${program}${guarded}`)).toBe(
      'LOADER_CLOSED true\nWORKER_DIED\nfinally',
    );
  });
});

describe('the hot path allocates nothing', () => {
  test.each([
    'trainingPipeline()',
    'evaluationPipeline()',
    'fusedPipeline()',
    'fusedEvaluationPipeline()',
    'compose(augment.shift(), augment.rotate(), augment.zoom(), augment.shear(), augment.normalize)',
    'elastic()',
    'erase({ fill: "noise" })',
    'thickness({ amount: 2 })',
    'randomCrop()',
  ])('%s', async (call) => {
    // With a young generation of 64 MB nothing is collected between the two readings, so that growth is all there was.
    const program = `
      const image = ndarray(Uint8Array.from({ length: 784 }, (_, i) => (i % 28 > 6 && i % 28 < 20 ? i % 251 : 0)), [28, 28]);
      const out = ndarray(new Float32Array(784), [28, 28]);
      const key = { seed: 1, epoch: 0, index: 0 };
      const transform = augment.${call};
      const work = (count) => { for (let i = 0; i < count; i++) { key.index = i; transform(image, out, key); } };
      work(8000);
      const before = process.memoryUsage();
      work(4000);
      const after = process.memoryUsage();
      console.log((after.heapUsed - before.heapUsed) / 4000, (after.arrayBuffers - before.arrayBuffers) / 4000);
    `;
    const flags = ['--min-semi-space-size=64', '--max-semi-space-size=128'];
    const output = await run(flags, `${requires}${program}`);
    const [heap, buffers] = output.split(' ').map(Number) as [number, number];
    expect(buffers).toBe(0);
    expect(heap, `bytes an image, from ${output}`).toBeGreaterThanOrEqual(0);
    // It is 0 where V8 inlines as Node 20 does; elsewhere it may box a few doubles. Any array or object would be more.
    expect(heap, `bytes an image, from ${output}`).toBeLessThan(128);
  });
});
