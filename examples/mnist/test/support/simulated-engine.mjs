// Two engines of a simulated GPU: the processor computes, and each session asks the test for its card first (simulated-gpu.ts).
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { onnxEngine } from '@mnist/onnx';

const { SIMULATED_GPU_PORT, SIMULATED_GPU_PROGRAM, CUDA_VISIBLE_DEVICES = '0' } = process.env;

export const engineCandidates = () =>
  ['simulated:gpu', 'simulated:other-gpu'].map((name) => ({
    name,
    device: 'gpu',
    async probe() {
      const engine = onnxEngine({ provider: 'cpu', threads: 1 });
      return { ready: true, engine: { name, open: (...args) => open(engine, args) } };
    },
  }));

async function open(engine, args) {
  const giveBack = await takeCard();
  const session = await engine.open(...args);
  const dispose = session.dispose.bind(session);
  session.dispose = async () => {
    await dispose();
    await giveBack();
  };
  return session;
}

/** Waits until the test lets this process compute. Who is killed leaves the card by that: the connection ends. */
async function takeCard() {
  const socket = connect(Number(SIMULATED_GPU_PORT), '127.0.0.1');
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  const say = async (message) => {
    socket.ref();
    socket.write(`${JSON.stringify(message)}\n`);
    await lines.next();
    socket.unref();
  };
  const [card] = CUDA_VISIBLE_DEVICES.split(',');
  await say({ type: 'take', program: SIMULATED_GPU_PROGRAM, pid: process.pid, card });
  let given = false;
  return async () => {
    if (given) return;
    given = true;
    await say({ type: 'give' });
    socket.destroy();
  };
}
