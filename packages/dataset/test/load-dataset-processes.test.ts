import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { sendFile, startServer } from './support/server.js';
import { makeWorld, testImages, testLabels, tiny } from './support/world.js';

const script = fileURLToPath(new URL('support/load-in-process.mjs', import.meta.url));
const run = promisify(execFile);
const expectedSum = tiny.raw['t10k-images-idx3-ubyte']!.subarray(16).reduce((sum, pixel) => sum + pixel, 0);

/** Loads in so many processes at once; each must see the right images. */
async function loadInProcesses(processes: number, context: object) {
  const argument = JSON.stringify({ context, split: 'test', times: 1 });
  const outputs = await Promise.all(
    Array.from({ length: processes }, () => run(process.execPath, [script, argument])),
  );
  return outputs.map(({ stdout, stderr }) => {
    expect(stderr).toBe('');
    const seen = JSON.parse(stdout) as { count: number; sum: number; warnings: string[] };
    expect(seen).toMatchObject({ count: 10, sum: expectedSum });
    return seen;
  });
}

it('first runs of five processes at once leave one good file each, and no temporary ones', async () => {
  // Slow enough for the processes to overlap.
  const server = await startServer((request, response, visit) => {
    setTimeout(() => sendFile(tiny.gz)(request, response, visit), 100);
  });
  const world = await makeWorld({ mirrors: [server.url], timeout: 20_000 });
  await loadInProcesses(5, world.context);
  expect(await world.cached()).toEqual([testImages, testLabels]);
  for (const name of [testImages, testLabels]) {
    const kept = gunzipSync(await readFile(join(world.cache, name)));
    expect(kept).toEqual(tiny.raw[name.replace('.gz', '')]);
  }
});

it('five processes that meet a bad cached file set only that aside', async () => {
  const server = await startServer(sendFile(tiny.gz));
  const world = await makeWorld({ mirrors: [server.url], timeout: 20_000 });
  await world.put(world.cache, { [testLabels]: tiny.gz[testLabels]! });
  await writeFile(join(world.cache, testImages), 'bad');
  const seen = await loadInProcesses(5, world.context);
  expect(await world.cached()).toEqual([testImages, `${testImages}.bad-1`, testLabels]);
  expect(await readFile(join(world.cache, `${testImages}.bad-1`), 'utf8')).toBe('bad');
  const warnings = seen.flatMap((one) => one.warnings);
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toMatch(/^A bad file in the cache was set aside as .*\.bad-1\. /);
});
