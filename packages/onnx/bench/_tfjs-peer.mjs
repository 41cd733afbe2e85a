import { committeeNet, compactNet } from '@mnist/models';
import { tfjsEngine } from '@mnist/tfjs';
import { serveSession } from './_peer-loop.mjs';

const [net, , file, count, size, mode, backend] = process.argv.slice(2);
const packageName = backend === 'cpu' ? '@tensorflow/tfjs-backend-cpu' : '@tensorflow/tfjs-node';
try {
  await import(packageName);
} catch {
  console.log(JSON.stringify({ missing: `${packageName} is not installed` }));
  process.exit(0);
}
// The cpu backend takes minutes for a whole batch: two images stand for it.
const batchSize = backend === 'cpu' ? 2 : Number(size);
const model = net === 'compact' ? compactNet({ seed: 1 }) : committeeNet({ seed: 1 });
const session = await tfjsEngine({ backend }).open(model, { batchSize });
await serveSession(session, mode, file, Number(count), Number(size), batchSize);
