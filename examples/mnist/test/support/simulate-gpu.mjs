// node --import simulate-gpu.mjs: the program on a machine with the GPUs of a test, which stand in @mnist/native's place.
import { register } from 'node:module';

const engine = JSON.stringify(new URL('./simulated-engine.mjs', import.meta.url).href);
const hooks = `
  export async function resolve(request, context, next) {
    return request === '@mnist/native' ? { url: ${engine}, shortCircuit: true } : next(request, context);
  }`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
