import { cpSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../src/machine/finding.js';
import { gpuHardware, type MachineView } from '../src/machine/gpus.js';
import { remedyHere } from '../src/machine/remedy-here.js';
import { useProgram } from './support/program.js';

const smiTable = '| NVIDIA-SMI 550.54.14    Driver Version: 550.54.14    CUDA Version: 12.4     |';
const smiList =
  '0, NVIDIA GeForce RTX 4090, 24564 MiB, 550.54.14\n1, NVIDIA RTX A6000, 49140 MiB, 550.54.14\n';

/** A machine on which nothing is found but what the test says. */
const machine = (found: Partial<MachineView>): MachineView => ({
  platform: 'linux',
  run: async () => undefined,
  list: () => [],
  read: () => undefined,
  loads: () => false,
  ...found,
});
const nvidia = async (command: string, ...args: string[]) =>
  command === 'nvidia-smi' ? (args.length > 0 ? smiList : smiTable) : undefined;

describe('the hardware', () => {
  it('of two NVIDIA cards: name, memory, driver, what CUDA it takes, and which libraries are there', async () => {
    const loads = (library: string) =>
      ['libcuda.so.1', 'libcudart.so.12', 'libvulkan.so.1'].includes(library);
    const list = (folder: string) => (folder === '/usr/share/vulkan/icd.d' ? ['nvidia_icd.json'] : []);
    const findings = await gpuHardware(machine({ run: nvidia, loads, list }));
    expect(findings.map(({ name, text }) => `${name}: ${text}`)).toEqual([
      'GPU 0: NVIDIA GeForce RTX 4090, 24564 MiB, driver 550.54.14, which takes CUDA up to 12.4',
      'GPU 1: NVIDIA RTX A6000, 49140 MiB, driver 550.54.14, which takes CUDA up to 12.4',
      'Vulkan: drivers: nvidia_icd',
      'CUDA: libraries found: libcuda.so.1, libcudart.so.12; missing: libcudart.so.11.0, libcudart.so.13, libcudnn.so.8, libcudnn.so.9',
    ]);
    expect(findings.every(({ state }) => state === 'info')).toBe(true);
  });
  const amd: Partial<MachineView> = {
    list: (folder) =>
      folder === '/sys/class/drm' ? ['card0', 'card0-HDMI-A-1', 'renderD128', 'version'] : [],
    read: (path) => (path === '/sys/class/drm/card0/device/vendor' ? '0x1002\n' : undefined),
  };
  it.each<[string, Partial<MachineView>, string[], string | undefined]>([
    ['nothing', {}, ['none is seen'], undefined],
    [
      'AMD without the Vulkan loader',
      amd,
      ['AMD', 'libvulkan.so.1 is missing'],
      'sudo apt-get install libvulkan1',
    ],
    [
      'AMD without a Vulkan driver',
      { ...amd, loads: () => true },
      ['AMD', expect.stringMatching(/^no driver: no file in/) as unknown as string],
      'sudo apt-get install mesa-vulkan-drivers',
    ],
    [
      'NVIDIA without its driver',
      { ...amd, read: () => '0x10de\n', loads: () => true },
      [
        expect.stringMatching(/nvidia-smi does not answer/) as unknown as string,
        expect.any(String) as unknown as string,
      ],
      'sudo ubuntu-drivers install',
    ],
    [
      'an NVIDIA tool that answers nonsense',
      { run: async () => 'NVIDIA-SMI has failed because it could not communicate with the NVIDIA driver.' },
      ['none is seen'],
      undefined,
    ],
    [
      'macOS',
      { platform: 'darwin', run: async () => '{"SPDisplaysDataType":[{"sppci_model":"Apple M2"}]}' },
      ['Apple M2, Metal'],
      undefined,
    ],
    [
      'Windows',
      {
        platform: 'win32',
        run: async (command) =>
          command === 'powershell' ? '{"Name":"AMD Radeon RX 7900","DriverVersion":"31.0.1"}' : undefined,
      },
      ['AMD Radeon RX 7900, driver 31.0.1, Direct3D'],
      undefined,
    ],
  ])('of %s', async (_what, view, texts, remedy) => {
    const findings = await gpuHardware(machine(view));
    expect(findings.map(({ text }) => text)).toEqual(texts);
    expect(findings.find((finding) => finding.remedy)?.remedy).toBe(remedy);
  });
  it('decides which TensorFlow is named: the published one, a current one, or none without an NVIDIA card', () => {
    const card = { index: 0, name: 'x', memory: 'x', driver: 'x' };
    const remedy = (...cudas: string[]) =>
      remedyHere(
        'tfjs:tensorflow-gpu',
        'npm install x',
        cudas.map((cuda) => ({ ...card, cuda })),
      );
    expect(remedy('12.4')).toBe('npm run start:cuda');
    expect(remedy('13.0')).toMatch(/^packages\/tfjs\/scripts\/build-tfjs-node\.sh .* gpu && export /);
    expect(remedy('13.0', '11.4')).toBe('npm run start:cuda');
    expect(remedy()).toBeUndefined();
    expect(remedyHere('onnx:webgpu', 'sudo x', [])).toBe('sudo x');
  });
});

describe.skipIf(process.platform !== 'linux')('doctor', () => {
  const { place, run } = useProgram();
  const hook = `--import=${new URL('./support/hide-packages.mjs', import.meta.url)}`;
  async function findings(env: Record<string, string>) {
    const { code, out } = await run(['doctor', '--json'], env);
    const found = (JSON.parse(out) as { findings: Finding[] }).findings;
    return { code, found, of: (name: string) => found.find((finding) => finding.name === name)! };
  }
  const gpuEngines = ['onnx:webgpu', 'onnx:cuda', 'tfjs:tensorflow-gpu'];

  it('shows what nvidia-smi says, and calls neither it nor a TensorFlow without a GPU ready', async () => {
    const folder = join(place.folder, 'tensorflow-without-gpu');
    const package_ = join(folder, 'node_modules/@tensorflow/tfjs-node-gpu');
    mkdirSync(package_, { recursive: true });
    const core = createRequire(import.meta.url).resolve('@tensorflow/tfjs-core');
    // Stands for TensorFlow's CUDA build that fell back to the processor.
    writeFileSync(
      join(package_, 'index.js'),
      `const tf = require(${JSON.stringify(core)});
      tf.registerBackend('tensorflow', () => Object.assign(tf.findBackend('cpu'), { isUsingGpuDevice: false }));`,
    );
    const fake = `#!/bin/sh\nif [ $# -gt 0 ]; then printf '${smiList.replaceAll('\n', '\\n')}'; else echo '${smiTable}'; fi\n`;
    writeFileSync(join(place.folder, 'nvidia-smi'), fake, { mode: 0o755 });
    const { of, code } = await findings({
      PATH: `${place.folder}:${process.env.PATH}`,
      MNIST_TFJS_NODE_FOLDER: folder,
    });
    expect(of('GPU 0').text).toMatch(/RTX 4090, 24564 MiB, driver 550.54.14, which takes CUDA up to 12.4/);
    expect(of('GPU 1').text).toMatch(/A6000/);
    expect(of('CUDA').text).toMatch(/^libraries found: /);
    for (const name of gpuEngines) expect(of(name), name).toMatchObject({ state: 'info' });
    expect(of('tfjs:tensorflow-gpu').text).toMatch(
      /found no GPU that it can use and would compute on the processor/,
    );
    expect(of('tfjs:tensorflow-gpu').remedy).toBe('npm run start:cuda');
    // Where scripts are blocked, as in this workspace, ONNX Runtime's processor build works all the same.
    expect(of('onnx:cpu').state).toBe('ok');
    expect(of('auto').text).toMatch(/^takes (native|onnx):cpu, the fastest of/);
    expect(code).toBe(0);
  }, 120_000);

  it('with nothing native names each reason and ends with code 3', async () => {
    const hidden = 'onnxruntime-node|mnist-native\\.node|@mnist/native-';
    const { of, found, code } = await findings({ NODE_OPTIONS: hook, HIDE: hidden });
    expect(found.filter(({ name, state }) => name.includes(':') && state === 'ok')).toEqual([]);
    expect(of('native:cpu').text).toMatch(/the native addon is not built here.*is not installed/);
    expect(of('native:cpu').remedy).toBeTruthy();
    expect(of('onnx:cpu').text).toMatch(/onnxruntime-node/);
    expect(of('auto')).toMatchObject({ state: 'problem', text: 'nothing here can train' });
    expect(code).toBe(3);
  }, 120_000);

  it('with an addon whose library is missing says which library', async () => {
    const own = createRequire(createRequire(import.meta.url).resolve('@mnist/onnx'));
    const original = dirname(own.resolve('onnxruntime-node/package.json'));
    const binding = `bin/napi-v6/linux/${process.arch}/onnxruntime_binding.node`;
    const copy = join(place.folder, 'node_modules/onnxruntime-node');
    for (const part of ['package.json', 'dist', binding]) {
      cpSync(join(original, part), join(copy, part), { recursive: true });
    }
    symlinkSync(realpathSync(join(original, '../onnxruntime-common')), join(copy, '../onnxruntime-common'));
    const { of, code } = await findings({
      NODE_OPTIONS: hook,
      REPLACE_ONNXRUNTIME: pathToFileURL(join(copy, 'dist/index.js')).href,
    });
    expect(of('onnx:cpu')).toMatchObject({ state: 'info' });
    expect(of('onnx:cpu').text).toMatch(/libonnxruntime\.so\.1: cannot open shared object file/);
    expect(code).toBe(of('auto').state === 'ok' ? 0 : 3);
  }, 120_000);
});
