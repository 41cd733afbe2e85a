// Starts a step and leaves in the middle of it: node interrupt-child.mjs exit|throw|abort|worker|signal
import '@tensorflow/tfjs-backend-cpu';
import { fileURLToPath } from 'node:url';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { committeeNet } from '@mnist/models';
import ndarray from 'ndarray';
import { nativeEngine } from '../../dist/index.js';

const how = isMainThread ? process.argv[2] : workerData;
if (how === 'worker' && isMainThread) {
  // A worker that is terminated in the middle of a step; the process goes on and ends well.
  const worker = new Worker(fileURLToPath(import.meta.url), { workerData: 'stay' });
  await new Promise((resolve) => worker.once('message', resolve));
  await worker.terminate();
  console.log('terminated');
  process.exitCode = 5;
} else {
  const model = committeeNet({ widths: [32, 64, 128], seed: 3 });
  const controller = new AbortController();
  const session = await nativeEngine().open(model, { batchSize: 100, signal: controller.signal });
  const images = ndarray(new Float32Array(100 * 784).fill(0.5), [100, 28, 28, 1]);
  const batch = { images, labels: ndarray(new Uint8Array(100)) };
  const hyper = { learningRate: 1e-3, momentum: 0.9, weightDecay: 0 };
  const pending = session.step(batch, hyper);
  await new Promise((resolve) => setTimeout(resolve, 5));
  switch (how) {
    case 'exit':
      process.exit(7);
      break;
    case 'throw':
      setImmediate(() => {
        throw new Error('thrown in a step');
      });
      break;
    case 'signal':
      console.log('in a step');
      await pending;
      setInterval(() => session.step(batch, hyper).catch(() => undefined), 1);
      break;
    case 'stay': {
      const { parentPort } = await import('node:worker_threads');
      parentPort.postMessage('in a step');
      break;
    }
    case 'abort': {
      controller.abort(new Error('enough'));
      const refused = await pending.catch((error) => error.code);
      await session.dispose();
      console.log(refused);
      break;
    }
    default:
      throw new Error(`how is ${how}`);
  }
}
