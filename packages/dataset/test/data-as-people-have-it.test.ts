import { createServer, request as httpRequest } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import { zipSync } from 'fflate';
import { describe, expect, it, onTestFinished } from 'vitest';
import { csvToIdx } from '../src/_read-csv.js';
import { npzToIdx } from '../src/_read-npz.js';
import type { CatalogueEntry } from '../src/catalogue.js';
import { catalogue, DatasetError, loadDataset } from '../src/index.js';
import { encodeIdx } from './support/idx.js';
import { sendFile, startServer } from './support/server.js';
import { errorOf, makeWorld, testImages, testLabels, tiny } from './support/world.js';

const images = tiny.raw['t10k-images-idx3-ubyte']!;
const labels = tiny.raw['t10k-labels-idx1-ubyte']!;
const pixels = images.subarray(16);

/** A NumPy array as numpy.save writes it, format 1.0. */
function npy(descr: string, shape: readonly number[], data: Uint8Array, fortran = 'False'): Uint8Array {
  const list = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  let header = `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': (${list}), }`;
  header = `${header.padEnd(128 - 10 - 1)}\n`;
  const start = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length & 255, header.length >> 8]);
  return Buffer.concat([start, Buffer.from(header, 'latin1'), data]);
}

const int64 = (values: Uint8Array) => new Uint8Array(BigInt64Array.from([...values].map(BigInt)).buffer);
const npz = (arrays: Record<string, Uint8Array>) =>
  zipSync(Object.fromEntries(Object.entries(arrays).map(([name, bytes]) => [`${name}.npy`, bytes])));
const keras = npz({
  x_test: npy('|u1', [10, 28, 28], pixels),
  y_test: npy('<i8', [10], int64(labels.subarray(8))),
  x_train: npy('|u1', [1], Uint8Array.of(1)),
});

function csv(header: boolean, newline = '\n'): Buffer {
  const rows = Array.from({ length: 10 }, (_, row) =>
    [labels[8 + row], ...pixels.subarray(row * 784, (row + 1) * 784)].join(','),
  );
  const names = [
    'label',
    ...Array.from({ length: 784 }, (_, i) => `${1 + Math.floor(i / 28)}x${1 + (i % 28)}`),
  ];
  return Buffer.from([...(header ? [names.join(',')] : []), ...rows, ''].join(newline));
}

const pair = { [testImages]: tiny.gz[testImages]!, [testLabels]: tiny.gz[testLabels]! };
const unpacked = (name: string, bytes: Uint8Array) => ({ [name]: bytes });

describe('the same files in other places and forms, verified as ever', () => {
  it.each([
    ["torchvision's root", { 'MNIST/raw': pair }],
    [
      "torchvision's raw folder, unpacked",
      {
        raw: { 't10k-images-idx3-ubyte': images, 't10k-labels-idx1-ubyte': labels },
      },
    ],
    [
      'a folder of the name of each file',
      {
        't10k-images-idx3-ubyte': unpacked('t10k-images-idx3-ubyte', images),
        't10k-labels-idx1-ubyte': unpacked('t10k-labels-idx1-ubyte', labels),
      },
    ],
    [
      'the same with dots, as Kaggle unpacks',
      {
        't10k-images.idx3-ubyte': unpacked('t10k-images-idx3-ubyte', images),
        't10k-labels.idx1-ubyte': unpacked('t10k-labels.idx1-ubyte', labels),
      },
    ],
    ["Keras's mnist.npz", { '': { 'mnist.npz': keras } }],
    ['a CSV table with names', { '': { 'mnist_test.csv': csv(true) } }],
    ['a CSV table without, Windows line ends', { mnist: { 'mnist_test.csv': csv(false, '\r\n') } }],
  ] as [string, Record<string, Record<string, Uint8Array>>][])('%s', async (_, folders) => {
    const { root, context, put } = await makeWorld();
    for (const [folder, files] of Object.entries(folders)) await put(join(root, 'data', folder), files);
    const dataDir = join(root, 'data');
    for (const options of [{ dataDir }, { context: { ...context, env: { MNIST_DATA_DIR: dataDir } } }]) {
      const set = await loadDataset('mnist', { split: 'test', context, ...options });
      expect(Buffer.from(set.images.data)).toEqual(pixels);
      expect([...set.labels.data]).toEqual([...labels.subarray(8)]);
      // By the published checksum, which the tiny set has too.
      expect(set.source).not.toContain('structure');
    }
  });

  it('another content in another form is refused by the checksum', async () => {
    const { root, context, put } = await makeWorld();
    const changed = Uint8Array.from(pixels);
    changed[7]! ^= 1;
    await put(join(root, 'data'), {
      'mnist.npz': npz({
        x_test: npy('|u1', [10, 28, 28], changed),
        y_test: npy('|u1', [10], labels.subarray(8)),
      }),
    });
    const error = await errorOf(
      loadDataset('mnist', { split: 'test', dataDir: join(root, 'data'), context }),
    );
    expect(error.code).toBe('WRONG_CHECKSUM');
  });

  it("EMNIST's archive as it was downloaded, and a set published as .npz", async () => {
    const files = (name: string, format?: 'npz'): CatalogueEntry['files'] => {
      const part = {
        images: { name: `${name}-images`, format, rawBytes: images.length },
        labels: { name: `${name}-labels`, format, rawBytes: labels.length },
        count: 10,
      };
      return { train: part, test: part };
    };
    const archive = { url: 'https://example.org/gzip.zip', md5: '', folder: 'gzip/' };
    const { root, context, put } = await makeWorld({
      catalogue: {
        ...catalogue,
        'emnist-mnist': { ...catalogue.mnist, files: files('e'), mirrors: [], archive },
        k49: { ...catalogue.mnist, files: files('k49', 'npz') },
      },
    });
    await put(join(root, 'zip'), {
      'gzip.zip': zipSync({
        'gzip/e-images.gz': tiny.gz[testImages]!,
        'gzip/e-labels.gz': tiny.gz[testLabels]!,
      }),
    });
    await put(join(root, 'npz'), {
      'k49-images.npz': npz({ arr_0: npy('|u1', [10, 28, 28], pixels) }),
      'k49-labels.npz': npz({ arr_0: npy('|u1', [10], labels.subarray(8)) }),
    });
    for (const [name, folder] of [
      ['emnist-mnist', 'zip'],
      ['k49', 'npz'],
    ] as const) {
      const set = await loadDataset(name, { split: 'test', dataDir: join(root, folder), context });
      expect(Buffer.from(set.images.data)).toEqual(pixels);
      expect(set.source).toContain('structure verified');
    }
  });

  it('parts of the QMNIST test set', async () => {
    const count = 60_000;
    const wide = Buffer.alloc(count * 8 * 4);
    for (let i = 0; i < count; i++) wide.writeInt32BE(i % 10, i * 32);
    const header = encodeIdx(12, [count, 8], []);
    const idx = Buffer.alloc(16 + count * 784);
    encodeIdx(8, [count, 28, 28], []).copy(idx);
    for (let i = 0; i < count; i++) idx[16 + i * 784] = i % 251;
    const { root, context, put } = await makeWorld();
    await put(join(root, 'data'), {
      'qmnist-test-images-idx3-ubyte': idx,
      'qmnist-test-labels-idx2-int': Buffer.concat([header, wide]),
    });
    for (const [name, from, to] of [
      ['qmnist-test10k', 0, 10_000],
      ['qmnist-test50k', 10_000, 60_000],
    ] as const) {
      const set = await loadDataset(name, { split: 'test', dataDir: join(root, 'data'), context });
      expect(set.images.shape).toEqual([to - from, 28, 28]);
      expect(set.images.get(3, 0, 0)).toBe((from + 3) % 251);
      expect(set.labels.get(3)).toBe((from + 3) % 10);
    }
  });
});

describe('what is no such form', () => {
  it.each([
    ['an empty table', ''],
    ['names alone', 'label,pixel\n'],
    ['no square', '1,2,3\n'],
    ['a value over 255', '1,256\n'],
    ['a value missing', '1,,3\n'],
    ['rows of two lengths', '1,2,3,4,5\n1,2\n'],
    ['a fraction', '1,0.5\n'],
    ['a negative number', '1,-3\n'],
  ])('CSV: %s', async (_, text) => {
    const error = await errorOf(() => csvToIdx(Buffer.from(text), 'x.csv'));
    expect(error).toMatchObject({
      code: 'WRONG_SHAPE',
      message: expect.stringMatching(/^x\.csv, line \d+: /),
    });
  });

  it.each([
    ['no zip archive', Buffer.from('PK\x03\x04 and then nothing'), 'NOT_A_FILE'],
    ['another array', npz({ other: npy('|u1', [1], Uint8Array.of(1)) }), 'WRONG_SHAPE'],
    ['floats', npz({ x: npy('<f4', [1], new Uint8Array(4)) }), 'WRONG_SHAPE'],
    ['columns first', npz({ x: npy('|u1', [2], new Uint8Array(2), 'True') }), 'WRONG_SHAPE'],
    ['values above 255', npz({ x: npy('<i2', [1], Uint8Array.of(0, 1)) }), 'WRONG_SHAPE'],
    ['a shape that lies', npz({ x: npy('|u1', [9_000_000], new Uint8Array(2)) }), 'WRONG_SHAPE'],
    ['a bomb', npz({ x: npy('|u1', [10_000_000], new Uint8Array(10_000_000)) }), 'WRONG_SIZE'],
  ] as [string, Uint8Array, string][])('npz: %s', async (_, bytes, code) => {
    expect((await errorOf(() => npzToIdx(bytes, 'x', 'x.npz', 1000))).code).toBe(code);
  });

  it('any bytes are a typed error or numbers (property)', () => {
    const read = (act: () => unknown) => {
      try {
        act();
      } catch (error) {
        expect(error).toBeInstanceOf(DatasetError);
      }
    };
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(keras.length - 1), (bytes, at) => {
        read(() => csvToIdx(bytes, 'x'));
        const damaged = Uint8Array.from(keras);
        damaged.set(bytes.subarray(0, keras.length - at), at);
        read(() => npzToIdx(damaged, 'x_test', 'x', 1e5));
      }),
      { numRuns: 300 },
    );
  });
});

it.each(['HTTP_PROXY', 'http_proxy'])('downloads go through the proxy that %s names', async (variable) => {
  const origin = await startServer(sendFile(tiny.gz));
  const seen: string[] = [];
  const proxy = createServer((request, response) => {
    seen.push(request.url!);
    httpRequest(request.url!, { headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    }).end();
  });
  proxy.on('connect', (request, client) => {
    seen.push(request.url!);
    const [host, port] = request.url!.split(':');
    const server = connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      server.pipe(client).pipe(server);
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const load = async (env: Record<string, string>) => {
    const { context } = await makeWorld({ mirrors: [origin.url], env });
    return loadDataset('mnist', { split: 'test', context });
  };
  expect(Buffer.from((await load({ [variable]: address })).images.data)).toEqual(pixels);
  expect(seen.length).toBeGreaterThan(0);
  const before = seen.length;
  await load({ [variable]: address, NO_PROXY: '127.0.0.1' });
  expect(seen.length).toBe(before);
});
