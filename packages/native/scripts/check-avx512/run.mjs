// The tests of AVX-512 and AMX on a machine that has neither, in Bochs: node scripts/check-avx512/run.mjs [NETS]
//
// Bochs interprets an Intel Sapphire Rapids, instruction by instruction, with arithmetic of its own. A small Linux runs there and in
// it the crate's tests on every path (PyTorch's golden files, bf16 on AMX, AMX's instructions against their emulation), in Node the
// engine contract on AVX-512, and NETS random nets (100), whose bits must be those that AVX2 gives on this machine.
// Half an hour of one core; a hundred nets more take twenty minutes.
//
// Needs on an x64 Linux: cargo; of Debian or Ubuntu the packages busybox-static, cpio, isolinux, syslinux-common and xorriso;
//   BOCHS   a source tree of Bochs at commit 783b58fd with bochs.patch of this folder, configured with --enable-x86-64
//           --enable-avx --enable-evex --enable-amx --enable-all-optimizations --enable-long-phy-address --with-nogui, and built
//   KERNEL  an image of Linux 6.1 or newer, as Debian's linux-image-amd64 has it in boot/vmlinuz-*
//   MNIST_DATA_DIR
// The addon must be built (`pnpm --filter @mnist/native build:addon`).
import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'tsup';

const here = dirname(fileURLToPath(import.meta.url));
const packageFolder = join(here, '../..');
const golden = join(packageFolder, '../engine/golden');
const [nets = '100'] = process.argv.slice(2);
if (!/^[1-9]\d*$/.test(nets)) {
  console.error(`NETS is "${nets}", expected a number of nets from 1 on`);
  process.exit(2);
}
const { BOCHS, KERNEL, MNIST_DATA_DIR } = process.env;
/** What Bochs has of timers and ways of waiting; 580 is "fast short rep mov", which Linux takes to imply what Bochs lacks. */
const BOOT =
  'console=ttyS0 quiet mitigations=off nosmp noapic lapic=notscdeadline idle=halt tsc=reliable clearcpuid=580';
/** Of a Sapphire Rapids, for Linux would use them and no test needs them. */
const WITHOUT = 'waitpkg,la57,pks,pku,cet,uintr,serialize,movdiri,movdir64b,umip,sca_mitigations,rdpid';
const SYSLINUX = ['/usr/lib/ISOLINUX/isolinux.bin', '/usr/lib/syslinux/modules/bios/ldlinux.c32'];

const needed = {
  BOCHS: BOCHS && join(BOCHS, 'bochs'),
  KERNEL,
  MNIST_DATA_DIR,
  isolinux: SYSLINUX[0],
  'syslinux-common': SYSLINUX[1],
  'busybox-static': '/usr/bin/busybox',
  xorriso: '/usr/bin/xorriso',
  cpio: '/usr/bin/cpio',
  'the addon': join(packageFolder, 'addon/mnist-native.node'),
};
const missing = Object.keys(needed).filter((name) => !needed[name] || !existsSync(needed[name]));
if (missing.length > 0) {
  console.error(`not there: ${missing.join(', ')}; the head of this file says where to get it`);
  process.exit(3);
}

const work = mkdtempSync(join(tmpdir(), 'check-avx512-'));
const root = join(work, 'root');
const iso = join(work, 'iso');
/** A file of this machine at the same place in the guest, for programs know some by their paths. */
const carry = (path, at = path) => cpSync(path, join(root, at), { recursive: true, dereference: true });

console.log('building the tests');
const artifacts = execFileSync(
  'cargo',
  ['test', '--release', '--locked', '--no-run', '--message-format=json'],
  {
    cwd: join(packageFolder, 'crate'),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 2 ** 28,
  },
);
for (const line of artifacts.split('\n').filter((line) => line.startsWith('{'))) {
  const { executable, profile, target } = JSON.parse(line);
  if (executable && profile.test) carry(executable, `/tests/${target.name}`);
}
// As bundles, with `vitest` replaced by the little that these tests use of it: a guest without a file system of packages.
await build({
  entry: [join(packageFolder, 'test/conformance.test.ts')],
  config: false,
  silent: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  splitting: false,
  noExternal: [/.*/],
  external: [/\.node$/],
  outDir: join(root, packageFolder, 'test'),
  outExtension: () => ({ js: '.mjs' }),
  banner: { js: "import { createRequire as cr } from 'node:module'; const require = cr(import.meta.url);" },
  esbuildOptions: (options) => {
    options.alias = { vitest: join(here, 'vitest.mjs') };
    // One TensorFlow.js, not one for `import` and one for `require`.
    options.mainFields = ['module', 'main'];
  },
});

mkdirSync(join(root, 'bin'), { recursive: true });
for (const folder of ['dev', 'proc', 'sys', 'tmp']) mkdirSync(join(root, folder));
carry('/usr/bin/busybox', '/bin/busybox');
carry(process.execPath, '/bin/node');
const programs = [process.execPath, join(root, 'tests/fused')];
const libraries = programs.flatMap((program) =>
  [...execFileSync('ldd', [program], { encoding: 'utf8' }).matchAll(/(\/\S+) \(0x/g)].map(([, path]) => path),
);
for (const library of new Set(libraries)) carry(library);
for (const path of ['addon', 'golden', 'package.json']) carry(join(packageFolder, path));
carry(golden);
// The crate's tests go through it, `..` and all.
mkdirSync(join(root, packageFolder, 'crate'));
carry(MNIST_DATA_DIR, '/mnist');
const init = readFileSync(join(here, 'init.sh'), 'utf8');
const values = { NETS: nets, CONFORMANCE: join(packageFolder, 'test/conformance.test.mjs') };
writeFileSync(
  join(root, 'init'),
  init.replace(/@(\w+)@/g, (_, name) => values[name]),
);
chmodSync(join(root, 'init'), 0o755);

mkdirSync(join(iso, 'isolinux'), { recursive: true });
for (const file of SYSLINUX) cpSync(file, join(iso, 'isolinux', file.split('/').at(-1)));
cpSync(KERNEL, join(iso, 'vmlinuz'));
writeFileSync(
  join(iso, 'isolinux/isolinux.cfg'),
  `default l\nlabel l\n kernel /vmlinuz\n append initrd=/initrd ${BOOT}\n`,
);
execFileSync('sh', ['-c', `find . | cpio -o -H newc --quiet > ${join(iso, 'initrd')}`], { cwd: root });
const boot = '-b isolinux/isolinux.bin -c isolinux/boot.cat -no-emul-boot -boot-load-size 4 -boot-info-table';
execFileSync('xorriso', ['-as', 'mkisofs', '-quiet', '-o', join(work, 'cd.iso'), ...boot.split(' '), iso], {
  stdio: 'ignore',
});

const serial = join(work, 'serial');
writeFileSync(
  join(work, 'bochsrc'),
  `display_library: nogui
cpu: model=sapphire_rapids, exclude_features="${WITHOUT}", count=1, ips=100000000, reset_on_triple_fault=0, ignore_bad_msrs=1
memory: guest=1024, host=1024
romimage: file=${BOCHS}/bios/BIOS-bochs-latest
vgaromimage: file=${BOCHS}/bios/VGABIOS-lgpl/VGABIOS-lgpl-latest.bin
boot: cdrom
ata0: enabled=1
ata0-master: type=cdrom, path=${join(work, 'cd.iso')}, status=inserted
com1: enabled=1, mode=file, dev=${serial}
log: ${join(work, 'bochs.log')}
clock: sync=none
panic: action=fatal
error: action=ignore
`,
);
console.log('starting Bochs');
const bochs = spawn(join(BOCHS, 'bochs'), ['-q', '-f', join(work, 'bochsrc')], { stdio: 'ignore' });
let running = true;
bochs.on('exit', () => {
  running = false;
});
process.on('exit', () => {
  bochs.kill('SIGKILL');
  rmSync(work, { recursive: true, force: true });
});
process.on('SIGINT', () => process.exit(130));
let shown = 0;
const show = () => {
  if (!existsSync(serial)) return '';
  const text = readFileSync(serial, 'utf8');
  process.stdout.write(text.slice(shown));
  shown = text.length;
  return text;
};
while (running) {
  await sleep(1000);
  show();
}
const printed = show();
const outcome = /^outcome: (\d+) failed/m.exec(printed);
if (!outcome) {
  console.error('the guest did not come to its end');
  process.exit(1);
}
const bits = (text) =>
  [...text.matchAll(/bits of .* on \w+, (.*: [0-9a-f]{16})/g)].map(([, way]) => way).join('\n');
const avx2 = execFileSync(join(root, 'tests/random_nets'), ['--nocapture'], {
  encoding: 'utf8',
  env: { ...process.env, NATIVE_NETS: nets, NATIVE_NETS_BITS: '1', NATIVE_NETS_PATHS: 'avx2' },
});
const same = bits(avx2) !== '' && bits(printed) === bits(avx2);
console.log(
  same ? `${nets} nets: AVX-512 has the bits of AVX2` : `AVX2 on this machine has other bits:\n${avx2}`,
);
process.exit(outcome[1] === '0' && same ? 0 : 1);
