import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { catalogue, loadDataset } from '../src/index.js';
import { sendFile, startServer } from './support/server.js';
import { errorOf, makeWorld, testImages, testLabels, tiny } from './support/world.js';

const pair = { [testImages]: tiny.gz[testImages]!, [testLabels]: tiny.gz[testLabels]! };

describe('look-up order', () => {
  it('dataDir, MNIST_DATA_DIR, the cache, the system folder, the mirrors', async () => {
    const server = await startServer(sendFile(tiny.gz));
    const world = await makeWorld({ mirrors: [server.url] });
    const { root, cache, put } = world;
    const system = join(root, 'system', 'mnist');
    const source = async (options: { dataDir?: string; env?: Record<string, string> } = {}) => {
      const context = { ...world.context, env: options.env ?? {} };
      const { dataDir } = options;
      return (await loadDataset('mnist', { split: 'test', dataDir, context })).source;
    };

    expect(await source()).toBe(`${server.url}${testImages}`);
    expect(server.requests).toEqual([`/${testImages}`, `/${testLabels}`]);
    expect(await source()).toBe(join(cache, testImages));
    const named = await put(join(root, 'named'), pair);
    const other = await put(join(root, 'other'), pair);
    expect(await source({ env: { MNIST_DATA_DIR: named } })).toBe(join(named, testImages));
    expect(await source({ env: { MNIST_DATA_DIR: named }, dataDir: other })).toBe(join(other, testImages));
    expect(server.requests).toHaveLength(2);

    const fresh = await makeWorld({ mirrors: [server.url], systemFolder: join(root, 'system') });
    await put(system, pair);
    const found = await loadDataset('mnist', { split: 'test', context: fresh.context });
    expect(found.source).toBe(join(system, testImages));
    expect(await fresh.cached()).toEqual([]);
  });

  it('an explicit dataDir is the only place', async () => {
    const server = await startServer(sendFile(tiny.gz));
    const { root, context, put, plain } = await makeWorld({ mirrors: [server.url] });
    await put(join(root, 'named'), pair);
    const empty = await put(join(root, 'empty'), {});
    const env = { MNIST_DATA_DIR: join(root, 'named') };
    const error = await errorOf(
      loadDataset('mnist', { split: 'test', dataDir: empty, context: { ...context, env } }),
    );
    expect(error.code).toBe('DATASET_UNAVAILABLE');
    expect(plain(error.message)).toMatchInlineSnapshot(`
      "MNIST: t10k-images-idx3-ubyte is nowhere to be had. Looked in:
        - <root>/empty and <root>/empty/mnist: no such file there
      Put t10k-images-idx3-ubyte.gz in a folder and set MNIST_DATA_DIR or dataDir to it, or connect to the network."
    `);
    expect(server.requests).toEqual([]);
  });

  it('MNIST_DATA_DIR and dataDir may hold one folder a set', async () => {
    const { root, context, put } = await makeWorld({ catalogue: fashionToo() });
    await put(join(root, 'all', 'mnist'), pair);
    await put(join(root, 'all', 'fashion-mnist'), pair);
    const env = { MNIST_DATA_DIR: join(root, 'all') };
    for (const name of ['mnist', 'fashion-mnist'] as const) {
      const byEnv = await loadDataset(name, { split: 'test', context: { ...context, env } });
      const byOption = await loadDataset(name, { split: 'test', dataDir: env.MNIST_DATA_DIR, context });
      for (const set of [byEnv, byOption]) expect(set.source).toBe(join(root, 'all', name, testImages));
      expect(byEnv.name).toBe(name);
    }
  });

  it('another set than MNIST is not taken from the files of MNIST', async () => {
    const { root, context, put, plain } = await makeWorld({ catalogue: fashionToo() });
    await put(join(root, 'mnist-files'), pair);
    const env = { MNIST_DATA_DIR: join(root, 'mnist-files') };
    const error = await errorOf(
      loadDataset('fashion-mnist', { split: 'test', download: false, context: { ...context, env } }),
    );
    expect(plain(error.message)).toMatchInlineSnapshot(`
      "Fashion-MNIST: t10k-images-idx3-ubyte is nowhere to be had. Looked in:
        - MNIST_DATA_DIR: <root>/mnist-files/fashion-mnist: no such file there
        - <root>/home/.cache/mnist-datasets/fashion-mnist: no such file there
        - <root>/system/fashion-mnist: no such file there
        - download: switched off
      Put t10k-images-idx3-ubyte.gz in a folder and set MNIST_DATA_DIR (to the folder above 'fashion-mnist') or dataDir to it, or connect to the network."
    `);
  });

  it('says so when MNIST_DATA_DIR does not exist, and looks further', async () => {
    const world = await makeWorld();
    await world.put(world.cache, pair);
    const context = { ...world.context, env: { MNIST_DATA_DIR: join(world.root, 'mnits') } };
    const { onWarning } = world;
    const set = await loadDataset('mnist', { split: 'test', context, onWarning });
    expect(set.images.shape).toEqual([10, 28, 28]);
    expect(world.plain(world.warnings[0]!)).toBe(
      'MNIST_DATA_DIR is <root>/mnits, which does not exist; looking further.',
    );
  });

  it('takes files raw, gzipped, and with a dot in the name', async () => {
    const { root, context, put } = await makeWorld();
    const raw = (name: string) => tiny.raw[name.replace('.gz', '')]!;
    const folders = {
      raw: { 't10k-images-idx3-ubyte': raw(testImages), 't10k-labels-idx1-ubyte': raw(testLabels) },
      dotted: { 't10k-images.idx3-ubyte': raw(testImages), 't10k-labels.idx1-ubyte.gz': pair[testLabels]! },
      misnamed: { [testImages]: raw(testImages), [testLabels]: raw(testLabels) },
    };
    for (const [name, files] of Object.entries(folders)) {
      const dataDir = await put(join(root, name), files);
      const set = await loadDataset('mnist', { split: 'test', dataDir, context });
      expect(Buffer.from(set.images.data)).toEqual(raw(testImages).subarray(16));
      expect(Buffer.from(set.labels.data)).toEqual(raw(testLabels).subarray(8));
    }
  });
});

it('both splits, with everything that a data set says of itself', async () => {
  const { root, context, put } = await makeWorld();
  const dataDir = await put(join(root, 'data'), tiny.gz);
  const train = await loadDataset('mnist', { split: 'train', dataDir, context });
  expect(train).toMatchObject({
    name: 'mnist',
    split: 'train',
    synthetic: false,
    classNames: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
    source: join(dataDir, 'train-images-idx3-ubyte.gz'),
  });
  expect(train.images.shape).toEqual([20, 28, 28]);
  expect(train.images.get(3, 5, 7)).toBe(((3 * 784 + 5 * 28 + 7) * 31 + 7) % 256);
  expect(train.labels.shape).toEqual([20]);
  expect(train.labels.get(13)).toBe(3);
});

describe('faults in folders', () => {
  it('a bad file in a named folder is an error, and is left alone', async () => {
    const server = await startServer(sendFile(tiny.gz));
    const world = await makeWorld({ mirrors: [server.url] });
    const bad = Buffer.from(tiny.raw['t10k-images-idx3-ubyte']!);
    bad[500]! ^= 1;
    const dataDir = await world.put(join(world.root, 'data'), { ...pair, [testImages]: bad });
    for (const options of [
      { dataDir },
      { context: { ...world.context, env: { MNIST_DATA_DIR: dataDir } } },
    ]) {
      const error = await errorOf(
        loadDataset('mnist', { split: 'test', context: world.context, ...options }),
      );
      expect(error.code).toBe('WRONG_CHECKSUM');
      expect(world.plain(error.message)).toMatchInlineSnapshot(
        `"<root>/data/t10k-images-idx3-ubyte.gz: MD5 of the unpacked bytes is 84f5ebdbd1e5fb2380c1c36e3c41933f, expected 389d2a56e8c445d342d1c2e011c05b3c. The content is not the published t10k-images-idx3-ubyte. Put the published file in its place, or name another folder."`,
      );
    }
    expect(await readFile(join(dataDir, testImages))).toEqual(bad);
    expect(server.requests).toEqual([]);
  });

  it('a bad cached file is set aside, kept, reported, and fetched again; so is the next', async () => {
    const server = await startServer(sendFile(tiny.gz));
    const world = await makeWorld({ mirrors: [server.url] });
    const { cache, context, onWarning, warnings } = world;
    const load = () => loadDataset('mnist', { split: 'test', context, onWarning });
    await load();
    const good = await readFile(join(cache, testImages));

    await writeFile(join(cache, testImages), good.subarray(0, 100));
    await load();
    expect(await world.cached()).toEqual([testImages, `${testImages}.bad-1`, testLabels]);
    expect(await readFile(join(cache, `${testImages}.bad-1`))).toEqual(good.subarray(0, 100));
    expect(warnings.map(world.plain)).toMatchInlineSnapshot(`
      [
        "A bad file in the cache was set aside as <root>/home/.cache/mnist-datasets/mnist/t10k-images-idx3-ubyte.gz.bad-1. <root>/home/.cache/mnist-datasets/mnist/t10k-images-idx3-ubyte.gz: a gzip file of 100 bytes that does not unpack (unexpected end of file); it is cut off or damaged, and was expected whole. Fetch it again.",
      ]
    `);

    await writeFile(join(cache, testImages), '<html>busy</html>');
    await load();
    expect(await world.cached()).toEqual([
      testImages,
      `${testImages}.bad-1`,
      `${testImages}.bad-2`,
      testLabels,
    ]);
    expect(await readFile(join(cache, `${testImages}.bad-2`), 'utf8')).toBe('<html>busy</html>');
    expect(warnings[1]).toContain('.bad-2. ');
    expect(await readFile(join(cache, testImages))).toEqual(good);
    expect(server.requests.filter((path) => path.includes('images'))).toHaveLength(3);
  });

  it('without a download, the error says what was wrong with the cached file', async () => {
    const world = await makeWorld();
    await world.put(world.cache, { ...pair, [testLabels]: Buffer.from('short') });
    const { context, onWarning } = world;
    const error = await errorOf(loadDataset('mnist', { split: 'test', download: false, context, onWarning }));
    expect(error.code).toBe('DATASET_UNAVAILABLE');
    expect(error.causes[1]).toMatchObject({ code: 'NOT_IDX' });
    expect(world.plain(error.message)).toMatchInlineSnapshot(`
      "MNIST: t10k-labels-idx1-ubyte is nowhere to be had. Looked in:
        - MNIST_DATA_DIR: not set
        - <root>/home/.cache/mnist-datasets/mnist/t10k-labels-idx1-ubyte.gz: begins with bytes 73 68 6f 72; expected an IDX magic number (00 00, element type, rank), gzipped or raw. Fetch the file again.
        - <root>/system/mnist: no such file there
        - download: switched off
      Put t10k-labels-idx1-ubyte.gz in a folder and set MNIST_DATA_DIR or dataDir to it, or connect to the network."
    `);
    expect(await world.cached()).toEqual([testImages, `${testLabels}.bad-1`]);
  });

  it('labels of another set than the images', async () => {
    const { root, context, put, plain } = await makeWorld();
    const dataDir = await put(join(root, 'mixed'), {
      ...pair,
      [testLabels]: tiny.gz['train-labels-idx1-ubyte.gz']!,
    });
    const error = await errorOf(loadDataset('mnist', { split: 'test', dataDir, context }));
    expect(plain(error.message)).toMatchInlineSnapshot(
      `"<root>/mixed/t10k-labels-idx1-ubyte.gz: unpacks to more than 19 bytes, the most that was expected. Put the published file in its place, or name another folder."`,
    );
  });

  it('a folder in the place of a file is no file', async () => {
    const { root, context, put } = await makeWorld();
    const dataDir = await put(join(root, 'data'), pair);
    await put(join(dataDir, 't10k-images-idx3-ubyte'), {});
    const set = await loadDataset('mnist', { split: 'test', dataDir, context });
    expect(set.images.shape[0]).toBe(10);
  });
});

describe('options', () => {
  it.each([
    [
      () => loadDataset('mnsit' as never, { split: 'test' }),
      'the data set is "mnsit"; expected one of "mnist", "fashion-mnist"',
    ],
    [
      () => loadDataset('mnist', { split: 'validation' as never }),
      'split is "validation"; expected one of "train", "test"',
    ],
    [
      () => loadDataset('mnist', { split: 'test', context: { mirror: [] } as never }),
      'loadDataset: context: unknown option "mirror"; it takes ',
    ],
    [
      () => loadDataset('mnist', { split: 'test', dataDri: '/' } as never),
      'unknown option "dataDri"; it takes ',
    ],
    [() => loadDataset('mnist', undefined as never), 'split is undefined; expected one of "train", "test"'],
  ])('%s', async (action, text) => {
    const error = await errorOf(action());
    expect(error.code).toBe('INVALID_OPTION');
    expect(error.message).toContain(text);
  });
});
function fashionToo() {
  const { entry } = tiny;
  return { ...catalogue, mnist: entry, 'fashion-mnist': { ...entry, title: 'Fashion-MNIST' } };
}
