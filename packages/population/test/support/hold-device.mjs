// Waits for a device, holds it for a while, writes when. argv[2]: { devices, folder, log, name, holdMs } as JSON.
import { appendFileSync } from 'node:fs';
import { claimDevice } from '@mnist/population';

const { devices, folder, log, name, holdMs } = JSON.parse(process.argv[2]);
const note = (event, device) =>
  appendFileSync(log, `${JSON.stringify({ name, event, device, time: Date.now() })}\n`);
const claim = await claimDevice({ devices, folder, onWaiting: () => console.log('{"type":"waiting"}') });
note('has', claim.device);
console.log('{"type":"has"}');
await new Promise((resolve) => setTimeout(resolve, holdMs));
note('gives', claim.device);
await claim.release();
