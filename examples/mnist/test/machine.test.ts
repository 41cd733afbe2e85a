import { availableParallelism } from 'node:os';
import { describe, expect, it } from 'vitest';
import { gpuNames, lanesFor, restrictToDevice } from '../src/machine/devices.js';
import { defaultLoaders } from '../src/machine/engines.js';
import { usableCores } from '../src/machine/facts.js';

describe('usableCores', () => {
  const files = (content: Record<string, string>) => (path: string) => {
    const text = content[path];
    if (text === undefined) throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' });
    return text;
  };
  it.each([
    ['half a processor', { '/sys/fs/cgroup/cpu.max': '50000 100000\n' }, 1],
    ['one and a half', { '/sys/fs/cgroup/cpu.max': '150000 100000' }, 1],
    ['no quota', { '/sys/fs/cgroup/cpu.max': 'max 100000' }, availableParallelism()],
    [
      'version 1',
      {
        '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '100000',
        '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000',
      },
      1,
    ],
    [
      'version 1 without a quota',
      { '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1', '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000' },
      availableParallelism(),
    ],
    ['no control groups', {}, availableParallelism()],
  ])('with %s', (_what, content, cores) => expect(usableCores(files(content))).toBe(cores));
});

it('images are prepared ahead on cores that a training leaves free', () => {
  expect(defaultLoaders('cpu', 1, 4)).toBe(1);
  expect(defaultLoaders('cpu', 4, 4)).toBe(0);
  expect(defaultLoaders('cpu', 2, 1)).toBe(0);
  expect(defaultLoaders('gpu', 1, 16)).toBe(4);
  expect(defaultLoaders('gpu', 1, 1)).toBe(0);
});

it('one net a core; one on each GPU that the engine can be told apart; a number of workers decides otherwise', async () => {
  const cuda = { name: 'tfjs:tensorflow-gpu', device: 'gpu' } as const;
  const webgpu = { name: 'onnx:webgpu', device: 'gpu' } as const;
  const two = async () => 2;
  const none = async () => 0;
  expect(await lanesFor(cuda, undefined, two)).toEqual({ workers: 2, devices: ['gpu:0', 'gpu:1'] });
  expect(await lanesFor(webgpu, undefined, two)).toEqual({ workers: 1, devices: ['gpu:0'] });
  expect(await lanesFor(cuda, undefined, none)).toEqual({ workers: 1, devices: ['gpu:0'] });
  expect(await lanesFor(cuda, 3, two)).toEqual({ workers: 3 });
  expect(await lanesFor({ name: 'native:cpu', device: 'cpu' }, undefined, two)).toEqual({
    workers: usableCores(),
  });
});

it.each([
  [undefined, 2, ['gpu:0', 'gpu:1']],
  ['', 2, ['gpu:0', 'gpu:1']],
  ['4, 6', 1, ['gpu:4']],
  ['6', 2, ['gpu:6']],
  ['GPU-8932f937', 2, ['gpu:GPU-8932f937']],
])('of the CUDA devices %j, at most %i are %j for every process', (allowed, count, names) => {
  const environment = { CUDA_VISIBLE_DEVICES: allowed };
  expect(gpuNames(count, environment)).toEqual(names);
});

it.each([
  ['gpu:6', '4,6', '6'],
  ['gpu:1', undefined, '1'],
  [undefined, '4', '4'],
])('a process that was given %s of the CUDA devices %s sees %s', (device, allowed, seen) => {
  const environment = { CUDA_VISIBLE_DEVICES: allowed };
  restrictToDevice(device, environment);
  expect(environment.CUDA_VISIBLE_DEVICES).toBe(seen);
});
