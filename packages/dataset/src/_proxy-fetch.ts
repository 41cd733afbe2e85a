import type { DatasetContext } from './dataset-context.js';

/**
 * `fetch` through the proxy that HTTPS_PROXY, HTTP_PROXY and NO_PROXY name (in either case), which Node's own does not
 * look at before Node 24. The library that can is loaded only where there is a proxy.
 */
export function proxyFetch(env: DatasetContext['env']): typeof globalThis.fetch {
  const value = (name: string) => env[name.toLowerCase()] || env[name];
  const [httpProxy, httpsProxy, noProxy] = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'].map(value);
  if (!httpProxy && !httpsProxy) return globalThis.fetch;
  const load = async () => {
    const { EnvHttpProxyAgent, fetch } = await import('undici');
    const dispatcher = new EnvHttpProxyAgent({ httpProxy, httpsProxy, noProxy: noProxy ?? '' });
    return ((url, init) =>
      fetch(url as string, { ...(init as object), dispatcher })) as typeof globalThis.fetch;
  };
  let loaded: Promise<typeof globalThis.fetch> | undefined;
  return async (url, init) => {
    loaded ??= load();
    return (await loaded)(url, init);
  };
}
