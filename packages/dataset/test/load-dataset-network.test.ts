import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFile, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type DownloadProgress, loadDataset } from '../src/index.js';
import { encodeIdx } from './support/idx.js';
import { type Answer, sendFile, startServer } from './support/server.js';
import { errorOf, makeWorld, testImages, testLabels, tiny } from './support/world.js';

const imagesGz = tiny.gz[testImages]!;

/** Answers the image file by `answer`, and everything else as it should be. */
const forImages =
  (answer: Answer): Answer =>
  (request, response, visit) =>
    request.url === `/${testImages}`
      ? answer(request, response, visit)
      : sendFile(tiny.gz)(request, response, visit);

const send =
  (body: Uint8Array | string, status = 200): Answer =>
  (_request, response) =>
    response.writeHead(status).end(body);

/** What loading says when the images are answered so, without this run's names; the cache must stay clean. */
async function complaint(answer: Answer, overrides: { timeout?: number } = {}) {
  const server = await startServer(forImages(answer));
  const world = await makeWorld({ mirrors: [server.url], ...overrides });
  const error = await errorOf(loadDataset('mnist', { split: 'test', context: world.context }));
  expect(error.code).toBe('DATASET_UNAVAILABLE');
  expect(error.message).toContain(error.causes.at(-1)!.message);
  expect(await world.cached()).toEqual([]);
  const cause = error.causes.at(-1) as typeof error;
  return { code: cause.code, text: world.plain(cause.message), requests: server.requests };
}

describe('a mirror that gives out something else', () => {
  it('wrong checksum', async () => {
    const bytes = Buffer.from(tiny.raw['t10k-images-idx3-ubyte']!);
    bytes[99]! ^= 4;
    const { code, text } = await complaint(send(gzipSync(bytes)));
    expect(code).toBe('WRONG_CHECKSUM');
    expect(text).toMatchInlineSnapshot(
      `"http://127.0.0.1/t10k-images-idx3-ubyte.gz: MD5 of the unpacked bytes is 4daa001e8975838593856eeec8d472e9, expected 389d2a56e8c445d342d1c2e011c05b3c. The content is not the published t10k-images-idx3-ubyte. The mirror gives out something else. Check whether a proxy answers for it, or fetch the file by hand."`,
    );
    expect(text).toContain(createHash('md5').update(bytes).digest('hex'));
  });

  it('cut-off file', async () => {
    const { code, text } = await complaint(send(imagesGz.subarray(0, 99)));
    expect(code).toBe('CORRUPT_GZIP');
    expect(text).toMatchInlineSnapshot(
      `"http://127.0.0.1/t10k-images-idx3-ubyte.gz: a gzip file of 99 bytes that does not unpack (unexpected end of file); it is cut off or damaged, and was expected whole. Fetch it again."`,
    );
  });

  it('oversized file, announced', async () => {
    const { code, text } = await complaint((_request, response) => {
      response.writeHead(200, { 'content-length': 50e6 });
      response.write('x');
    });
    expect(code).toBe('WRONG_SIZE');
    expect(text).toMatchInlineSnapshot(
      `"http://127.0.0.1/t10k-images-idx3-ubyte.gz: 50000000 bytes or more, expected at most 8959. The address does not hold the published file. Check whether a proxy answers for it, or fetch the file by hand."`,
    );
  });

  it('oversized file, not announced', async () => {
    const { code, text, requests } = await complaint((_request, response) => {
      response.writeHead(200);
      for (let i = 0; i < 50; i++) response.write(Buffer.alloc(10_000));
    });
    expect(code).toBe('WRONG_SIZE');
    expect(text).toMatch(/\d+ bytes or more, expected at most 8959/);
    expect(requests).toHaveLength(1);
  });

  it('gzip bomb', async () => {
    const { code, text } = await complaint(send(gzipSync(Buffer.alloc(8e6))));
    expect(code).toBe('WRONG_SIZE');
    expect(text).toMatchInlineSnapshot(
      `"http://127.0.0.1/t10k-images-idx3-ubyte.gz: unpacks to more than 7857 bytes, the most that was expected. The mirror gives out something else. Check whether a proxy answers for it, or fetch the file by hand."`,
    );
  });

  it('IDX file of another shape', async () => {
    const { code, text } = await complaint(send(gzipSync(encodeIdx(8, [2, 28, 28], Array(1568).fill(0)))));
    expect(code).toBe('WRONG_SHAPE');
    expect(text).toMatchInlineSnapshot(
      `"http://127.0.0.1/t10k-images-idx3-ubyte.gz: 1584 bytes unpacked, shape [2, 28, 28]; the published t10k-images-idx3-ubyte has 7856 bytes. The mirror gives out something else. Check whether a proxy answers for it, or fetch the file by hand."`,
    );
  });

  it('wrong magic number', async () => {
    const bytes = Buffer.from(tiny.raw['t10k-images-idx3-ubyte']!);
    bytes[2] = 0x77;
    const { code, text } = await complaint(send(gzipSync(bytes)));
    expect(code).toBe('NOT_IDX');
    expect(text).toMatchInlineSnapshot(
      `"http://127.0.0.1/t10k-images-idx3-ubyte.gz: magic number 0x00007703 names element type 0x77; expected 0x08 (uint8), 0x09 (int8), 0x0b (int16), 0x0c (int32), 0x0d (float32), 0x0e (float64). Fetch the file again."`,
    );
  });

  it('web page with status 200', async () => {
    const { code, text } = await complaint(send('<!DOCTYPE html><html>Please sign in</html>'));
    expect(code).toBe('NOT_A_FILE');
    expect(text).toMatchInlineSnapshot(
      `"http://127.0.0.1/t10k-images-idx3-ubyte.gz: a web page or message instead of an IDX file (it begins '<!DOCTYPE html><html>Please sign in</htm'). A proxy or a moved address may have answered; open the address in a browser, or put the file in place by hand."`,
    );
  });
});

describe('a mirror that answers with an error', () => {
  it.each([404, 403])('%i: once, then the next mirror', async (status) => {
    const { code, text, requests } = await complaint(send('no', status));
    expect(code).toBe('HTTP_STATUS');
    expect(text).toMatch(
      new RegExp(`^http://127.0.0.1/${testImages}: answered HTTP ${status} .+, expected 200. Try`),
    );
    expect(requests).toHaveLength(1);
  });

  it('500 three times', async () => {
    const { code, text, requests } = await complaint(send('no', 500));
    expect(code).toBe('HTTP_STATUS');
    expect(text).toMatchInlineSnapshot(
      `"http://127.0.0.1/t10k-images-idx3-ubyte.gz: answered HTTP 500 Internal Server Error, expected 200. Try again later, or put the files in a folder and name it."`,
    );
    expect(requests).toHaveLength(3);
  });

  it('500 and 429, then success', async () => {
    const server = await startServer(
      forImages((request, response, visit) =>
        visit < 3
          ? send('no', visit === 1 ? 500 : 429)(request, response, visit)
          : sendFile(tiny.gz)(request, response, visit),
      ),
    );
    const world = await makeWorld({ mirrors: [server.url] });
    const attempts: number[] = [];
    const set = await loadDataset('mnist', {
      split: 'test',
      context: world.context,
      onProgress: ({ attempt }) => attempts.push(attempt),
    });
    expect(set.images.shape[0]).toBe(10);
    expect(Math.max(...attempts)).toBe(3);
    expect(await world.cached()).toEqual([testImages, testLabels]);
  });

  it('each bad mirror is passed over for the next', async () => {
    const bad = await startServer(send('gone', 404));
    const page = await startServer(send('<html>'));
    const good = await startServer(sendFile(tiny.gz));
    // A mirror may be named with or without the last slash.
    const { context } = await makeWorld({ mirrors: [bad.url, page.url.slice(0, -1), good.url] });
    const set = await loadDataset('mnist', { split: 'test', context });
    expect(set.source).toBe(`${good.url}${testImages}`);
    expect([bad.requests.length, page.requests.length]).toEqual([2, 2]);
  });

  it('redirects are followed', async () => {
    const good = await startServer(sendFile(tiny.gz));
    const moved = await startServer((request, response) =>
      response.writeHead(302, { location: `${good.url}files${request.url}` }).end(),
    );
    const { context } = await makeWorld({ mirrors: [moved.url] });
    expect((await loadDataset('mnist', { split: 'test', context })).images.shape[0]).toBe(10);
    expect(good.requests).toEqual([`/files/${testImages}`, `/files/${testLabels}`]);
  });
});

describe('a mirror that is silent or breaks off', () => {
  it('no answer', async () => {
    const { code, text, requests } = await complaint(() => {}, { timeout: 60 });
    expect(code).toBe('NETWORK');
    expect(text).toMatchInlineSnapshot(
      `"http://127.0.0.1/t10k-images-idx3-ubyte.gz: no answer within 0.06 s, 0 bytes so far; expected the whole file. Check the network, or put the files in a folder and name it."`,
    );
    expect(requests).toHaveLength(3);
  });

  it('silence in the middle', async () => {
    const { code, text } = await complaint(
      (_request, response) => response.writeHead(200).write(imagesGz.subarray(0, 50)),
      { timeout: 60 },
    );
    expect(code).toBe('NETWORK');
    expect(text).toMatch(
      /no answer within 0.06 s, \d+ bytes so far; expected the whole file. Check the network/,
    );
  });

  it('nobody listens: no second attempt', async () => {
    const { url, close } = await startServer(() => {});
    await close();
    const { context, plain } = await makeWorld({ mirrors: [url] });
    const error = await errorOf(loadDataset('mnist', { split: 'test', context }));
    expect(plain(error.causes.at(-1)!.message)).toMatch(
      /: fetch failed: ECONNREFUSED; expected the whole file/,
    );
  });

  const half = Math.floor(imagesGz.length / 2);
  /** Sends the first half and hangs up, or the rest when that is asked for. */
  const breakOff =
    (ranges: 'honoured' | 'ignored' | 'wrong' | 'unsatisfiable'): Answer =>
    (request, response, visit) => {
      const { range } = request.headers;
      if (visit === 1) {
        response.writeHead(200, { 'content-length': imagesGz.length, etag: '"v1"' });
        response.write(imagesGz.subarray(0, half), () => setTimeout(() => response.destroy(), 20));
      } else if (!range || ranges === 'ignored') {
        sendFile(tiny.gz)(request, response, visit);
      } else if (ranges === 'unsatisfiable') {
        response.writeHead(416).end();
      } else {
        expect(request.headers['if-range']).toBe('"v1"');
        const from = ranges === 'wrong' ? 0 : Number(/\d+/.exec(range)![0]);
        const body = imagesGz.subarray(from);
        const contentRange = `bytes ${from}-${imagesGz.length - 1}/${imagesGz.length}`;
        response.writeHead(206, { 'content-length': body.length, 'content-range': contentRange }).end(body);
      }
    };

  it.each([
    ['honoured', [`/${testImages}`, `/${testImages} bytes=${half}-`]],
    ['ignored', [`/${testImages}`, `/${testImages} bytes=${half}-`]],
    ['wrong', [`/${testImages}`, `/${testImages} bytes=${half}-`, `/${testImages}`]],
    ['unsatisfiable', [`/${testImages}`, `/${testImages} bytes=${half}-`, `/${testImages}`]],
  ] as const)('a broken transfer goes on; range requests %s', async (ranges, requests) => {
    const server = await startServer(forImages(breakOff(ranges)));
    const world = await makeWorld({ mirrors: [server.url] });
    const progress: DownloadProgress[] = [];
    const set = await loadDataset('mnist', {
      split: 'test',
      context: world.context,
      onProgress: (event) => progress.push(event),
    });
    expect(Buffer.from(set.images.data)).toEqual(tiny.raw['t10k-images-idx3-ubyte']!.subarray(16));
    expect(server.requests).toEqual([...requests, `/${testLabels}`]);
    expect(await readFile(join(world.cache, testImages))).toEqual(imagesGz);
    expect(await world.cached()).toEqual([testImages, testLabels]);
    const ofImages = progress.filter(({ file }) => file === 't10k-images-idx3-ubyte');
    expect(ofImages.at(-1)).toEqual({
      file: 't10k-images-idx3-ubyte',
      url: `${server.url}${testImages}`,
      receivedBytes: imagesGz.length,
      totalBytes: imagesGz.length,
      attempt: requests.length,
    });
  });

  it('a transfer that breaks off every time', async () => {
    const { code, text, requests } = await complaint((request, response) => {
      const from = Number(/\d+/.exec(request.headers.range ?? '0')![0]);
      const contentRange = `bytes ${from}-${imagesGz.length - 1}/${imagesGz.length}`;
      response.writeHead(from ? 206 : 200, {
        'content-range': contentRange,
        'content-length': imagesGz.length - from,
      });
      response.write(imagesGz.subarray(from, from + 10), () => setTimeout(() => response.destroy(), 20));
    });
    expect(code).toBe('NETWORK');
    expect(text).toMatch(
      /terminated.*; expected the whole file. Check the network, or put the files in a folder/,
    );
    expect(requests).toEqual([`/${testImages}`, `/${testImages} bytes=10-`, `/${testImages} bytes=20-`]);
  });

  it('a mirror that packs the file once more for the way', async () => {
    const server = await startServer(
      forImages((_request, response) => {
        const body = gzipSync(imagesGz);
        response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': body.length }).end(body);
      }),
    );
    const { context } = await makeWorld({ mirrors: [server.url] });
    expect((await loadDataset('mnist', { split: 'test', context })).images.shape[0]).toBe(10);
  });
});

describe('signal', () => {
  it('stops a download with its reason, and leaves nothing behind', async () => {
    const server = await startServer((_request, response) => {
      response.writeHead(200).write(imagesGz.subarray(0, 50));
    });
    const world = await makeWorld({ mirrors: [server.url], timeout: 30_000 });
    const controller = new AbortController();
    const reason = new Error('the user pressed Ctrl-C');
    const loading = loadDataset('mnist', {
      split: 'test',
      context: world.context,
      signal: controller.signal,
      onProgress: ({ receivedBytes }) => receivedBytes > 0 && controller.abort(reason),
    });
    await expect(loading).rejects.toBe(reason);
    expect(await world.cached()).toEqual([]);
    expect(server.requests).toHaveLength(1);
  });

  it('stops the wait before a new attempt', async () => {
    const server = await startServer(send('no', 503));
    const world = await makeWorld({ mirrors: [server.url], retryDelay: 60_000 });
    const controller = new AbortController();
    const { signal } = controller;
    const loading = loadDataset('mnist', { split: 'test', context: world.context, signal });
    const outcome = expect(loading).rejects.toMatchObject({ name: 'AbortError' });
    while (server.requests.length === 0) await delay(5);
    await delay(50);
    controller.abort();
    await outcome;
    await expect(loading).rejects.toBe(signal.reason);
    expect(await world.cached()).toEqual([]);
  });

  it('aborted before the start: nothing is done', async () => {
    const server = await startServer(sendFile(tiny.gz));
    const { context } = await makeWorld({ mirrors: [server.url] });
    const signal = AbortSignal.abort('no');
    await expect(loadDataset('mnist', { split: 'test', context, signal })).rejects.toBe('no');
    expect(server.requests).toEqual([]);
  });
});

it('when all fails, the error lists every place, and what to do', async () => {
  const missing = await startServer(send('gone', 404));
  const page = await startServer(send('<html><title>Hotel Wi-Fi</title>'));
  const { context, plain } = await makeWorld({ mirrors: [missing.url, page.url] });
  const error = await errorOf(loadDataset('mnist', { split: 'test', context }));
  expect(error.code).toBe('DATASET_UNAVAILABLE');
  expect(error.causes).toHaveLength(5);
  expect(plain(error.message)).toMatchInlineSnapshot(`
    "MNIST: t10k-images-idx3-ubyte is nowhere to be had. Looked in:
      - MNIST_DATA_DIR: not set
      - <root>/home/.cache/mnist-datasets/mnist: no such file there
      - <root>/system/mnist: no such file there
      - http://127.0.0.1/t10k-images-idx3-ubyte.gz: answered HTTP 404 Not Found, expected 200. Try again later, or put the files in a folder and name it.
      - http://127.0.0.1/t10k-images-idx3-ubyte.gz: a web page or message instead of an IDX file (it begins '<html><title>Hotel Wi-Fi</title>'). A proxy or a moved address may have answered; open the address in a browser, or put the file in place by hand.
    Put t10k-images-idx3-ubyte.gz in a folder and set MNIST_DATA_DIR or dataDir to it, or connect to the network."
  `);
});

describe('the cache', () => {
  it('a cache that cannot be written: loads in memory, and says so', async () => {
    const server = await startServer(sendFile(tiny.gz));
    const world = await makeWorld({ mirrors: [server.url] });
    // A file where a folder should be: refuses writing to every user, root included.
    await writeFile(join(world.root, 'home'), 'a file');
    const { onWarning } = world;
    const set = await loadDataset('mnist', { split: 'test', context: world.context, onWarning });
    expect(Buffer.from(set.images.data)).toEqual(tiny.raw['t10k-images-idx3-ubyte']!.subarray(16));
    expect(world.warnings).toHaveLength(2);
    expect(world.plain(world.warnings[0]!)).toMatch(
      /the download cannot be kept \(.*'<root>\/home.*'\)\. .* Going on in memory: nothing is kept/,
    );
  });

  it.skipIf(process.platform === 'win32')('a cached file that cannot be read is a typed error', async () => {
    const world = await makeWorld();
    await world.put(world.cache, {});
    // A link to itself can be read by no user, root included.
    await symlink(testImages, join(world.cache, testImages));
    const error = await errorOf(loadDataset('mnist', { split: 'test', context: world.context }));
    expect(error.code).toBe('FILE_ACCESS');
    expect(world.plain(error.message)).toMatch(
      /images-idx3-ubyte\.gz: cannot be read \(ELOOP.*\)\. Check its permissions, or name another folder/,
    );
  });

  it('what died processes left of a file goes when the file is there; what others write stays', async () => {
    const server = await startServer(sendFile(tiny.gz));
    const world = await makeWorld({ mirrors: [server.url] });
    const anHourAgo = new Date(Date.now() - 2 * 3600 * 1000);
    const old = join(world.cache, `${testImages}.elsewhere-1-00000000.part`);
    const young = join(world.cache, `${testImages}.elsewhere-2-00000000.part`);
    await world.put(world.cache, { ...tiny.gz });
    for (const path of [old, young]) await writeFile(path, 'x');
    await utimes(old, anHourAgo, anHourAgo);
    await loadDataset('mnist', { split: 'test', context: world.context });
    expect(await world.cached()).not.toContain(basename(old));
    expect(await world.cached()).toContain(basename(young));
  });

  it.skipIf(process.platform === 'win32')('a killed download goes on where it stopped', async () => {
    const body = Buffer.from(tiny.gz[testImages]!);
    const half = body.length >> 1;
    const server = await startServer((request, response, visit) => {
      if (!request.url!.endsWith(testImages)) return sendFile(tiny.gz)(request, response, visit);
      const from = Number(/\d+/.exec(request.headers.range ?? '0')![0]);
      if (visit > 1) {
        response.writeHead(from > 0 ? 206 : 200, {
          'content-length': body.length - from,
          ...(from > 0 && { 'content-range': `bytes ${from}-${body.length - 1}/${body.length}` }),
        });
        return response.end(body.subarray(from));
      }
      response.writeHead(200, { 'content-length': body.length });
      response.write(body.subarray(0, half));
    });
    const world = await makeWorld({ mirrors: [server.url], timeout: 20_000 });
    const script = fileURLToPath(new URL('support/load-in-process.mjs', import.meta.url));
    const argument = JSON.stringify({ context: world.context, split: 'test', times: 1 });
    const child = spawn(process.execPath, [script, argument]);
    const left = async () => {
      const [name] = (await world.cached()).filter((entry) => entry.endsWith('.part'));
      return name === undefined ? 0 : (await stat(join(world.cache, name))).size;
    };
    await expect.poll(left, { timeout: 30_000 }).toBe(half);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await left()).toBe(half);

    const set = await loadDataset('mnist', { split: 'test', context: world.context });
    expect(Buffer.from(set.images.data)).toEqual(tiny.raw['t10k-images-idx3-ubyte']!.subarray(16));
    expect(server.requests.filter((request) => request.includes(testImages))).toEqual([
      `/${testImages}`,
      `/${testImages} bytes=${half}-`,
    ]);
    expect(await world.cached()).toEqual([testImages, testLabels]);
  });

  it('what was left of another file does not spoil the download', async () => {
    const server = await startServer((request, response) => {
      const body = Buffer.from(tiny.gz[request.url!.slice(1)]!);
      const from = Number(/\d+/.exec(request.headers.range ?? '0')![0]);
      if (from === 0) return response.writeHead(200, { 'content-length': body.length }).end(body);
      const contentRange = `bytes ${from}-${body.length - 1}/${body.length}`;
      response.writeHead(206, { 'content-range': contentRange }).end(body.subarray(from));
    });
    const world = await makeWorld({ mirrors: [server.url] });
    const anHourAgo = new Date(Date.now() - 2 * 3600 * 1000);
    const left = join(world.cache, `${testImages}.elsewhere-1-00000000.part`);
    await world.put(world.cache, { [basename(left)]: Buffer.alloc(40, 7) });
    await utimes(left, anHourAgo, anHourAgo);
    const set = await loadDataset('mnist', { split: 'test', context: world.context });
    expect(Buffer.from(set.images.data)).toEqual(tiny.raw['t10k-images-idx3-ubyte']!.subarray(16));
    expect(await world.cached()).toEqual([testImages, testLabels]);
  });
});
