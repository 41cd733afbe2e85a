// scripts/install.js of the package that stands for @tensorflow/tfjs-node-gpu. As the real one it unpacks whatever the host answers,
// the library first, and leaves what it has of an addon where the whole one belongs.
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { get } from 'node:http';
import { pipeline } from 'node:stream/promises';

const fetchFrom = (name) =>
  new Promise((resolve, reject) =>
    get(`${process.env.TFJS_NODE_BASE_URI}${name}`, resolve).on('error', reject),
  );

mkdirSync('deps', { recursive: true });
const tar = spawn('tar', ['-xzf', '-', '-C', 'deps'], { stdio: ['pipe', 'inherit', 'inherit'] });
const unpacked = new Promise((resolve) => tar.on('close', resolve));
await pipeline(await fetchFrom('library.tar.gz'), tar.stdin).catch(() => {});
if ((await unpacked) !== 0) throw new Error('unrecognized archive');
mkdirSync('lib/napi-v8', { recursive: true });
await pipeline(await fetchFrom('addon'), createWriteStream('lib/napi-v8/tfjs_binding.node'));
