import '@tensorflow/tfjs-backend-cpu';
import { committeeNet, compactNet } from '@mnist/models';
import { nativeEngine } from '@mnist/native';
import { serveSession } from './_peer-loop.mjs';

const [net, threads, file, count, size, mode, path, precision] = process.argv.slice(2);
const batchSize = Number(size);
const model = net === 'compact' ? compactNet({ seed: 1 }) : committeeNet({ seed: 1 });
const session = await nativeEngine({ threads: Number(threads), path, precision }).open(model, { batchSize });
await serveSession(session, mode, file, Number(count), batchSize);
