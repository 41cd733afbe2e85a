import { createServer } from 'node:net';
import { join } from 'node:path';
import { root, run } from '../release/commands.mjs';
import { readReadme } from './readme.mjs';

/**
 * onnxruntime-node's install script (npm 11 and older run it) fetches CUDA libraries from outside the npm registry. Whatever that network
 * does, the README's line must install an engine that trains, and who leaves onnxruntime-node out must be told what to do.
 */
export async function onnxUnderThreeNetworks(world) {
  const readme = readReadme(join(root, 'packages/onnx/README.md'));
  const example = readme.examples.find(({ runs }) => runs).code;
  for (const network of ['fails', 'swallows']) {
    const proxy = await listen(network);
    const env = { GLOBAL_AGENT_HTTPS_PROXY: proxy.url, GLOBAL_AGENT_HTTP_PROXY: proxy.url };
    try {
      const folder = world.makeProject(`onnx-network-${network}`);
      await world.install('npm', folder, readme, env);
      await world.runExample(folder, 'example.mjs', example);
      if (proxy.asked > 0) throw new Error(`the README's line asked the outside network, which ${network}`);
    } finally {
      await proxy.close();
    }
  }

  // The short line: no network script runs, nothing is lost silently, and what the error says to run mends it.
  const folder = world.makeProject('onnx-alone');
  const installs = readme.installs.filter((name) => !name.startsWith('onnxruntime-node'));
  const proxy = await listen('swallows');
  const env = { GLOBAL_AGENT_HTTPS_PROXY: proxy.url, GLOBAL_AGENT_HTTP_PROXY: proxy.url };
  try {
    await world.install('npm', folder, { installs, variables: {} }, env);
    const told = await world.runExample(folder, 'example.mjs', example).then(
      () => '',
      (error) => error.message,
    );
    const remedy = /"((?:\w+=\S+ )?npm install [^"]+)"/.exec(told)?.[1];
    if (!told.includes('ENGINE_UNAVAILABLE') || remedy === undefined)
      throw new Error(`without onnxruntime-node it does not say what to do, but: ${told || 'nothing'}`);
    const [, variable, value, packages] = /^(?:(\w+)=(\S+) )?npm install (.+)$/.exec(remedy);
    await run(['npm', 'install', ...packages.split(' ')], {
      cwd: folder,
      env: { ...world.environment, ...env, ...(variable ? { [variable]: value } : {}) },
    });
    await world.runExample(folder, 'example.mjs', example);
    if (proxy.asked > 0) throw new Error('an install asked the outside network');
  } finally {
    await proxy.close();
  }
}

/** A proxy on loopback through which the install script goes out: it hangs up, or takes everything and never answers. */
async function listen(network) {
  const sockets = new Set();
  const proxy = { asked: 0 };
  const server = createServer((socket) => {
    proxy.asked++;
    socket.on('error', () => {});
    if (network === 'fails') socket.destroy();
    else sockets.add(socket);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  proxy.url = `http://127.0.0.1:${server.address().port}`;
  proxy.close = () => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  };
  return proxy;
}
