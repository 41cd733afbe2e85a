/// <reference lib="dom" />
import type { WorkerTask } from './_worker-message.js';
import type * as node from './_worker-port.js';

export const openPort: typeof node.openPort = async () => ({
  task: await new Promise<WorkerTask>((resolve) => {
    globalThis.onmessage = ({ data }: MessageEvent<WorkerTask>) => resolve(data);
  }),
  tell: (message) => globalThis.postMessage(message),
});
